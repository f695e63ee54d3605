"""Sample rows of LangPont's last 48 hours: a day's rhythm, slow translations, a few errors, Japanese text.

The same moment gives the same rows. Times are the only thing that depends on it.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

type Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class SampleTable:
    """A table and what fills it.

    Args:
        name: Schema and table.
        columns: The columns that a row has values for, in its order.
        rows: Makes the rows of the 48 hours up to a moment.
    """

    name: tuple[str, str]
    columns: tuple[str, ...]
    rows: Callable[[datetime], Iterator[Row]]


SPAN = timedelta(hours=48)
EVENT_COUNT = 12_000
TRANSLATION_COUNT = 8_000
ANALYSIS_COUNT = 10_000

_USERS = 420
_JAPAN = timedelta(hours=9)
_SEED = 20_261_123
# Use per hour of the day in Japan: quiet before dawn, busy at work and again in the evening.
_RHYTHM = (5, 3, 3, 3, 3, 3, 5, 8, 12, 16, 18, 17, 14, 16, 18, 17, 16, 14, 12, 12, 13, 14, 12, 8)
# Every 36th: 2.8 %, and the hours before dawn have one, too.
_ERROR_EVERY = 36
_FAILED_TRANSLATION_EVERY = 90
_SLOW_SHARE = 0.03
_VISITOR_SHARE = 0.1

_SENTENCES = (
    ("ja", "en", "いつもお世話になっております。", "Thank you for your continued support."),
    ("ja", "en", "会議の資料を明日までに送っていただけますか。", "Could you send the documents by tomorrow?"),
    ("ja", "en", "納期が三日ほど遅れる見込みです。", "We expect the delivery to be about three days late."),
    ("ja", "fr", "駅から歩いて五分のところにあります。", "C'est à cinq minutes à pied de la gare."),
    ("ja", "es", "このたびはご購入いただき、ありがとうございます。", "Muchas gracias por su compra."),
    ("ja", "en", "添付ファイルが開けませんでした。🙇", "I was not able to open the attachment. 🙇"),
    ("en", "ja", "Please let us know if the address has changed.", "住所に変更がありましたらお知らせください。"),
    ("en", "ja", "The museum is closed on Mondays.", "その美術館は月曜日が休館日です。"),
    ("fr", "ja", "Je voudrais réserver une table pour deux.", "二名で席を予約したいのですが。"),
    ("ja", "en", "彼の言いたいことは、\n「急がば回れ」ということだ。", "What he means is:\n“more haste, less speed”."),
)
_EVENTS = ("page_view", "translation_started", "translation_copied", "login", "language_changed")
_PAGES = ("/", "/translate", "/history", "/settings", "/pricing")
_ENGINES = ("openai", "gemini", "claude")
_ERRORS = ("engine timeout", "rate limit exceeded", "answer could not be parsed")


def _analytics_events(now: datetime) -> Iterator[Row]:
    generator = random.Random(_SEED)  # noqa: S311 -- repeatable on purpose, guards nothing
    for moment in _moments(now, EVENT_COUNT, generator):
        user = _user_or_visitor(generator)
        session = f"{generator.getrandbits(64):016x}"
        language = generator.choice(("ja", "ja", "ja", "en", "fr", "es"))
        yield generator.choice(_EVENTS), moment, user, session, generator.choice(_PAGES), language


def _translation_history(now: datetime) -> Iterator[Row]:
    generator = random.Random(_SEED + 1)  # noqa: S311 -- repeatable on purpose, guards nothing
    for number, moment in enumerate(_moments(now, TRANSLATION_COUNT, generator), start=1):
        source_language, target_language, source, target = generator.choice(_SENTENCES)
        failed = number % _FAILED_TRANSLATION_EVERY == 0
        seconds = None if failed else _translation_seconds(generator)
        yield (
            moment,
            _user_or_visitor(generator),
            source_language,
            target_language,
            source,
            None if failed else target,
            generator.choice(_ENGINES),
            seconds,
        )


def _analysis_activity_log(now: datetime) -> Iterator[Row]:
    generator = random.Random(_SEED + 2)  # noqa: S311 -- repeatable on purpose, guards nothing
    for number, moment in enumerate(_moments(now, ANALYSIS_COUNT, generator), start=1):
        error = generator.choice(_ERRORS) if number % _ERROR_EVERY == 0 else None
        duration = round(generator.lognormvariate(0.2, 0.5), 3)
        yield moment, _user_or_visitor(generator), generator.choice(_ENGINES), duration, error is not None, error


def _moments(now: datetime, count: int, generator: random.Random) -> list[datetime]:
    """Return times up to now in ascending order, denser where people are awake."""
    minutes = range(int(SPAN.total_seconds() // 60))
    weights = [_RHYTHM[(now + _JAPAN - timedelta(minutes=minute)).hour] for minute in minutes]
    chosen = sorted(generator.choices(minutes, weights, k=count), reverse=True)
    return sorted(now - timedelta(minutes=minute, milliseconds=generator.randrange(60_000)) for minute in chosen)


def _user_or_visitor(generator: random.Random) -> int | None:
    """Return a user's id, low ones more often; None for a visitor without an account."""
    if generator.random() < _VISITOR_SHARE:
        return None
    return 1 + int(_USERS * generator.random() ** 2)


def _translation_seconds(generator: random.Random) -> float:
    slow = generator.random() < _SLOW_SHARE
    return round(generator.uniform(8.0, 25.0) if slow else generator.lognormvariate(0.4, 0.4), 3)


SAMPLE_TABLES = (
    SampleTable(
        name=("analytics", "analytics_events"),
        columns=("event_name", "timestamp", "user_id", "session_id", "page_path", "user_language"),
        rows=_analytics_events,
    ),
    SampleTable(
        name=("translations", "translation_history"),
        columns=(
            "created_at",
            "user_id",
            "source_language",
            "target_language",
            "source_text",
            "translated_text",
            "engine",
            "processing_time",
        ),
        rows=_translation_history,
    ),
    SampleTable(
        name=("monitoring", "analysis_activity_log"),
        columns=("created_at", "user_id", "analysis_engine", "analysis_duration", "error_occurred", "error_message"),
        rows=_analysis_activity_log,
    ),
)
