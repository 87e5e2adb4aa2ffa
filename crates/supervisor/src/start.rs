//! Starting one worker: it is forked, and says what confines it. Must not know whom it will serve.

use std::time::Duration;

use sandtide_confine::{Layer, Layers};
use sandtide_wire::{Budget, ForkedFor, FromWorker};
use tokio::time::timeout;

use crate::lost::{Memory, cause};
use crate::worker::{Budgets, Worker};
use crate::zygote::{Spawned, Zygote};

/// How long a new worker may take until it is ready.
const START_TIME: Duration = Duration::from_secs(10);

/// Why there is no new worker.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotStarted {
    #[error("{0}")]
    Other(String),
    #[error(
        "it lacks layers that the first worker had: {}",
        .0.iter().map(|layer| layer.name()).collect::<Vec<_>>().join(", ")
    )]
    Layers(Vec<Layer>),
}

/// Forks a worker and waits until it is confined by at least the layers that are `required`.
pub(crate) async fn start_worker(
    zygote: &Zygote,
    what_for: ForkedFor,
    required: Layers,
) -> Result<(Worker, Layers), NotStarted> {
    let started = async {
        let spawned =
            zygote.spawn(what_for).await.map_err(|error| NotStarted::Other(error.to_string()))?;
        greet(spawned, required).await
    };
    let late = |_| NotStarted::Other(format!("it was not ready within {START_TIME:?}"));
    timeout(START_TIME, started).await.map_err(late)?
}

/// Hears of a new worker what confines it.
async fn greet(spawned: Spawned, required: Layers) -> Result<(Worker, Layers), NotStarted> {
    let other = |message: String| NotStarted::Other(message);
    let mut worker = Worker::new(spawned).map_err(|error| other(error.to_string()))?;
    match worker.hear(Budgets::without_calls(Budget::of_values(0))).await {
        Ok(FromWorker::Ready { layers }) => {
            let layers = Layers::from_bits(layers);
            let missing: Vec<Layer> = required.lacking_in(layers).collect();
            // What it took until now is nobody's.
            worker.stands_ready();
            match missing.is_empty() {
                true => Ok((worker, layers)),
                false => Err(NotStarted::Layers(missing)),
            }
        }
        Ok(_) => Err(other("it began with another message than that it is ready".to_owned())),
        Err(lost) => {
            let status = worker.end().await;
            Err(other(cause(&lost, status.as_ref(), Memory::Unknown)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is made of a worker that says that it has all layers but `without`.
    async fn greeted(without: Option<Layer>) -> Result<Layers, NotStarted> {
        use std::io::Write;
        let mut layers = Layers::default();
        for layer in Layer::ALL.into_iter().filter(|layer| Some(*layer) != without) {
            layers.add(layer);
        }
        let (spawned, mut theirs) = Spawned::of_test();
        let mut ready = Vec::new();
        FromWorker::Ready { layers: layers.bits() }.encode(&mut ready).unwrap();
        theirs.write_all(&ready).unwrap();
        let all = Layers::from_bits(u32::MAX);
        greet(spawned, all).await.map(|(_, layers)| layers)
    }

    #[tokio::test]
    async fn a_worker_with_fewer_layers_than_required_is_not_taken() {
        assert_eq!(greeted(None).await.unwrap(), Layers::from_bits(u32::MAX));
        for layer in Layer::ALL {
            let Err(NotStarted::Layers(missing)) = greeted(Some(layer)).await else {
                panic!("a worker without {layer} was taken")
            };
            assert_eq!(missing, [layer]);
        }
    }
}
