using System.Threading.Channels;

namespace Caravan.Routing;

/// <summary>A few threads of their own for work that takes seconds of a processor, with a short queue; when it is full, work is turned away.</summary>
internal sealed class EnginePool : IDisposable
{
    private const int QueueMax = 8;

    private readonly Channel<Action> _work = Channel.CreateBounded<Action>(QueueMax);
    private readonly CancellationTokenSource _end = new();

    public EnginePool()
    {
        // Half of the processors: the rest answers orders.
        for (var i = 0; i < Math.Max(1, Environment.ProcessorCount / 2); i++)
            _ = Task.Factory.StartNew(LoopAsync, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Does the work when a thread is free; null when too much waits already.</summary>
    public Task<T>? TryRunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        return _work.Writer.TryWrite(Run) ? done.Task : null;

        void Run()
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                done.SetException(fault); // Whoever waits hears of it.
            }
        }
    }

    public void Dispose()
    {
        _work.Writer.TryComplete();
        _end.Cancel();
        _end.Dispose();
    }

    private async Task LoopAsync()
    {
        var end = _end.Token;
        try
        {
            await foreach (var work in _work.Reader.ReadAllAsync(end))
                work();
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The server ends.
        }
    }
}
