"""The stories that lean on the database most, told once more on PostgreSQL; elsewhere they run on SQLite."""

import pytest

from tests.delivery import test_leases as leases
from tests.scenarios import test_absences as absences
from tests.scenarios import test_update_clock as update_clock

pytestmark = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)

test_leases = leases.test_of_two_who_want_to_work_on_an_incident_one_does
test_late_copies = leases.test_what_a_stopped_copy_posts_late_is_deleted_by_itself
test_absences = absences.test_an_hour_without_hachi_is_on_the_timeline_once_and_is_nobodys_delay
test_snoozes = update_clock.test_a_snooze_asks_for_a_reason_and_the_third_is_refused
test_overtaking = update_clock.test_a_step_whose_wait_has_ended_before_it_could_be_posted_is_never_posted
test_one_tap_by_two = update_clock.test_still_working_on_it_pressed_by_two_people_is_sent_once
test_sweeps_at_once = update_clock.test_sweeping_many_times_at_once_raises_each_step_once
test_endings = update_clock.test_it_stops_when_resolved_and_starts_with_a_first_notice_when_reopened
