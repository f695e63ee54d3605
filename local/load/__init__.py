"""The load: LangPont's mix of transactions at a rate, through the pooler and beside it (`make load`)."""
