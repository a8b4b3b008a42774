namespace Caravan.Delivery;

/// <summary>Wakes the dispatcher: a job was booked or given back, a courier came on duty.</summary>
internal sealed class DispatchBell
{
    private TaskCompletionSource rung = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes at the next ring. Take it before looking for work, so that no ring is slept through.</summary>
    public Task Rung => Volatile.Read(ref rung).Task;

    public void Ring() =>
        Interlocked.Exchange(ref rung, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
