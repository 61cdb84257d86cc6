"""The self-hosted answerer: a container that speaks the contract and streams its answer as Apache Arrow."""

from __future__ import annotations

from synthome.models.answer import with_seed
from synthome.models.arrow_answer import ArrowStream
from synthome.models.protocol import Cancelled, Progress, ProgressCallback, never_cancelled, no_progress
from synthome.models.remote import RemoteModel
from synthome.prediction import Prediction
from synthome.query import Query
from synthome.query.vocabulary import ARROW_STREAM

__all__ = ["SelfHostedModel"]


class SelfHostedModel(RemoteModel):
    """A model in a container at ``base_url``. Most containers want no key; one that is given goes into the header."""

    answered_by = "self-hosted"
    service_name = "the self-hosted service"

    def predict(
        self,
        query: Query,
        progress: ProgressCallback = no_progress,
        cancelled: Cancelled = never_cancelled,
    ) -> Prediction:
        """Answer ``query``, reading each batch of samples as it arrives."""
        self._check(query)
        query = with_seed(query)
        total = query.num_samples
        with self._service() as service:
            stream = ArrowStream(service, self._model_id, total)

            def tick() -> None:
                service.doing = f"sending the answer ({stream.received} of {total} samples came)"
                progress(Progress(stream.received, total, "receiving" if stream.received else "waiting"))

            tick()
            answer = service.post(
                f"/api/models/{self._model_id}/predict",
                query.to_contract(),
                stream.read,
                cancelled,
                accept=ARROW_STREAM,
                read_timeout=self._timing.total,
                tick=tick,
            )
            prediction = self._prediction(answer, query)
            tick()
        return prediction
