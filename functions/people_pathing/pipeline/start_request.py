"""The request that starts a job, exactly as it is sent."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StartRequest:
    """The parameters of a StartPersonTracking call.

    Attributes:
        bucket: the video's bucket.
        key: the video's key.
        version: the video's version, or None if the bucket keeps no versions.
        client_token: see `Video.client_token`.
        job_tag: the video id, which leads from the completion notice back to the job record.
        topic_arn: the SNS topic for the completion notice.
        role_arn: the role that the service assumes to publish it.
    """

    bucket: str
    key: str
    version: str | None
    client_token: str
    job_tag: str
    topic_arn: str
    role_arn: str


@dataclass(frozen=True, slots=True)
class SentRequests:
    """The requests that were sent for one job. There is one, unless the settings have changed.

    The reply to a request may have been lost, so the job may run already. The service finds it again by the
    client token, but only if the other parameters are the same, too. So a request is repeated exactly, even
    under changed settings. A request that was refused because of the configuration takes its turn with a
    request under the current settings: which one the service accepts depends on whether the job runs already.
    If the last request met the job limit, a request under the current settings is next: no job runs, and the
    other settings may name a topic that is gone.

    Attributes:
        current: the request that the next call sends.
        others: the requests that were sent under other settings.
    """

    current: StartRequest
    others: tuple[StartRequest, ...] = ()

    def under(self, fresh: StartRequest) -> SentRequests:
        """Returns the requests for a call under the current settings.

        Args:
            fresh: the request under the current settings.
        """
        return SentRequests(fresh, tuple(one for one in (*self.others, self.current) if one != fresh))

    def after_refusal(self, fresh: StartRequest) -> SentRequests:
        """Returns the requests for the next call, after the current one was refused.

        Args:
            fresh: the request under the current settings.
        """
        known = (*self.others, self.current)
        first, *others = known if fresh in known else (fresh, *known)
        return SentRequests(first, tuple(others))
