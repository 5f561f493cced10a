"""Every word and screen, in every language: records in, Block Kit out."""
