"""What Lambda hands a handler beside the event."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FakeLambdaContext:
    """The fields that the logger reads, with the names that Lambda gives them."""

    function_name: str
    memory_limit_in_mb: int = 256
    aws_request_id: str = "9a1f1d54-0000-4000-8000-3c2f5e0d7b61"
    remaining_ms: int = 30_000

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_ms

    @property
    def invoked_function_arn(self) -> str:
        return f"arn:aws:lambda:ap-northeast-1:000000000000:function:{self.function_name}"
