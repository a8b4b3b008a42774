namespace Caravan.Sim;

/// <summary>
/// Everything that happens in a simulated world, one step after the other on one thread. What could go on is kept in a list,
/// and dice thrown by the seed say which goes on next: a seed is a history, always the same.
/// </summary>
internal sealed class Scheduler(int seed)
{
    // Between two steps up to 0.4 ms pass.
    private const int TicksPerStepMax = 4_000;

    private readonly List<(Party Of, SendOrPostCallback Act, object? State)> ready = [];
    private readonly PriorityQueue<(Party Of, Action Act), (long Due, long Number)> waiting = new();
    private long timers;

    /// <summary>The one source of chance.</summary>
    public Random Dice { get; } = new(seed);

    public long Steps { get; private set; }

    /// <summary>Time since the beginning, in ticks of 100 ns; it never jumps.</summary>
    public long Ticks { get; private set; }

    public bool Happens(double probability) => Dice.NextDouble() < probability;

    public void Add(Party of, SendOrPostCallback act, object? state) => ready.Add((of, act, state));

    public void After(Party of, TimeSpan delay, Action act) => waiting.Enqueue((of, act), (Ticks + delay.Ticks, timers++));

    /// <summary>Goes on at a step that the dice choose.</summary>
    public Task StepAsync(Party of)
    {
        var gate = new TaskCompletionSource();
        ready.Add((of, Open, gate));
        return gate.Task;
    }

    /// <summary>Goes on when so much time has passed.</summary>
    public Task DelayAsync(Party of, TimeSpan delay)
    {
        var gate = new TaskCompletionSource();
        After(of, delay, gate.SetResult);
        return gate.Task;
    }

    /// <summary>Does one step; false when nothing will ever happen again.</summary>
    public bool Step()
    {
        while (waiting.TryPeek(out var timer, out var due) && (due.Due <= Ticks || ready.Count == 0))
        {
            waiting.Dequeue();
            Ticks = Math.Max(Ticks, due.Due);
            ready.Add((timer.Of, Fire, timer.Act));
        }

        if (ready.Count == 0)
            return false;

        var index = Dice.Next(ready.Count);
        var (of, act, state) = ready[index];
        ready[index] = ready[^1];
        ready.RemoveAt(ready.Count - 1);
        Steps++;
        Ticks += Dice.Next(TicksPerStepMax);
        if (of.IsDead)
            return true;

        // A gate is opened by nobody in particular: who waits for it goes on as a step of its own.
        SynchronizationContext.SetSynchronizationContext(act == Open || act == Fire ? null : of);
        act(state);
        SynchronizationContext.SetSynchronizationContext(null);
        return true;
    }

    private static readonly SendOrPostCallback Open = static gate => ((TaskCompletionSource)gate!).SetResult(); // What StepAsync adds.

    private static readonly SendOrPostCallback Fire = static act => ((Action)act!)(); // What a timer adds.
}

/// <summary>Somebody who acts: a server, a client. What belongs to it goes on only while it lives.</summary>
internal sealed class Party(Scheduler scheduler, string name) : SynchronizationContext
{
    public string Name => name;

    public bool IsDead { get; set; }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (!IsDead)
            scheduler.Add(this, d, state);
    }

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("One thing at a time.");

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Lets the party begin something now.</summary>
    public T Begin<T>(Func<T> act)
    {
        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            return act();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }
}

/// <summary>The world's clock: time passes by steps, and the hour on the wall may jump.</summary>
internal sealed class SimClock(Scheduler scheduler, Party owner) : TimeProvider
{
    // A Tuesday, 10:00 in Beijing.
    public static readonly DateTimeOffset Start = new(2026, 11, 3, 2, 0, 0, TimeSpan.Zero);

    /// <summary>How far the wall clock is off.</summary>
    public TimeSpan Off { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Start.AddTicks(scheduler.Ticks) + Off;

    public override long GetTimestamp() => scheduler.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(scheduler, owner, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer(Scheduler scheduler, Party owner, Action callback) : ITimer
    {
        private int version;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var now = ++version;
            if (dueTime >= TimeSpan.Zero)
            {
                scheduler.After(owner, dueTime, () =>
                {
                    if (now == version)
                        callback();
                });
            }

            return true;
        }

        public void Dispose() => version++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
