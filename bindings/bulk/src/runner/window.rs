//! How many calls are made at a time.

use idcard_verification::Client;

/// Calls at a time: no more than the rate limit lets begin in half the time that one may take, or they would spend it in
/// its queue.
pub(super) fn window(client: &Client, wanted: usize) -> usize {
    let most = client.requests_per_second().map_or(usize::MAX, |rate| {
        let most = f64::from(rate) * client.timeout().as_secs_f64() / 2.0;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is a whole number of calls after that"
        )]
        let most = most as usize;
        most
    });
    wanted.min(most).max(1)
}
