"""The team that the sandbox plays: everybody an incident needs, in two languages. All names are invented."""

from bot.config_playbook import shipped_playbook
from domain.incident import Role
from domain.matters import Matter
from domain.team import Customer, Person, Product, Rotation, Team
from sandbox import ChannelSpec, PersonSpec


def _person(handle: str, name: str, title: str, locale: str = "ja-JP", tz: str = "Asia/Tokyo") -> PersonSpec:
    return PersonSpec(handle, name=name, title=title, locale=locale, tz=tz, email=f"{handle}@kohaku.example")


PEOPLE = (
    _person("hana", "花", "サポート担当"),
    _person("emma", "Emma", "Support agent", locale="en-US"),
    _person("ada", "Ada", "Incident owner", locale="en-US"),
    _person("kenji", "健二", "技術担当（決済）"),
    _person("mei", "Mei", "Database expert", locale="en-US", tz="Asia/Singapore"),
    _person("sato", "佐藤", "サービスレベルマネージャー"),
    _person("cho", "長", "当番マネージャー"),
    _person("boss", "浜田", "サポート部長"),
)
EVERYBODY = tuple(person.handle for person in PEOPLE)
CHANNELS = (
    ChannelSpec("support", members=EVERYBODY),
    ChannelSpec("incidents", members=EVERYBODY),
    ChannelSpec("customer-news", members=("hana", "emma", "cho", "sato")),
    ChannelSpec("tsubame-support", members=("hana", "emma", "sato")),
    ChannelSpec("northwind-support", members=("hana", "emma", "sato")),
)
TEAM = Team(
    language="ja",
    timezone="Asia/Tokyo",
    update_channels=("customer-news",),
    playbook=shipped_playbook(),
    escalation=("boss@kohaku.example",),
    decisions={Matter.SERVICE_DOWN: ("cho@kohaku.example", "boss@kohaku.example")},
    products={
        "payments": Product(
            name="こはくペイ カード決済",
            names={"en": "Kohaku Pay card payments"},
            skills=("payments", "database"),
        ),
        "orders": Product(
            name="こはくペイ 注文管理", names={"en": "Kohaku Pay orders"}, skills=("database",)
        ),
    },
    people=(
        Person(who="ada@kohaku.example", roles=(Role.OWNER,), skills=("payments",)),
        Person(who="kenji@kohaku.example", roles=(Role.EXPERT, Role.OWNER), skills=("payments",)),
        Person(who="mei@kohaku.example", roles=(Role.EXPERT,), skills=("database",)),
    ),
    rotations={
        Role.OWNER: Rotation(members=("ada@kohaku.example", "kenji@kohaku.example")),
        Role.SERVICE_LEVEL_MANAGER: Rotation(members=("sato@kohaku.example",)),
        Role.DUTY_MANAGER: Rotation(members=("cho@kohaku.example",)),
    },
    customers={
        "tsubame": Customer(
            name="株式会社つばめ雑貨",
            tier="key",
            language="ja",
            products=("payments", "orders"),
            channels=("tsubame-support",),
        ),
        "northwind": Customer(
            name="Northwind Clinics", language="en", products=("payments",), channels=("northwind-support",)
        ),
    },
)
