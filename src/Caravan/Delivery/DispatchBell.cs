using Caravan.Platform.Storage;

namespace Caravan.Delivery;

/// <summary>Wakes the dispatcher, on whichever server it runs: a job was booked or given back, a courier came on duty.</summary>
internal sealed class DispatchBell
{
    private const string Topic = "dispatch";

    private TaskCompletionSource rung = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes at the next ring. Take it before looking for work, so that no ring is slept through.</summary>
    public Task Rung => Volatile.Read(ref rung).Task;

    public DispatchBell(Store store) => store.Listen(Topic, _ => Ring());

    /// <summary>Rings once the transaction is on disk.</summary>
    public static void RingAfter(Tx tx) => tx.Announce(Topic, default);

    private void Ring() =>
        Interlocked.Exchange(ref rung, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
