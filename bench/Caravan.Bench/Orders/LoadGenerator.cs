using System.Diagnostics;

namespace Caravan.Bench.Orders;

/// <summary>What one phase of load brought.</summary>
/// <param name="Answers">Everything that was answered, those in flight at the end too.</param>
/// <param name="PlacedPerSecond">Orders acknowledged while the clock ran, by the second.</param>
/// <param name="Seconds">How long it ran.</param>
/// <param name="Waits">From sending an order to its answer.</param>
/// <param name="OwnCpuSeconds">What the load itself took of the machine that it shares with the server.</param>
internal sealed record LoadResult(Answers Answers, double PlacedPerSecond, double Seconds, Latencies Waits, double OwnCpuSeconds);

/// <summary>
/// Places orders over kept-alive connections, one order in flight on each. It shares the machine with the server, so it is one
/// thread that waits in poll(2) and, for each answer, makes two calls of the system: no tasks, no formatting, no allocation.
/// </summary>
internal sealed class LoadGenerator(Uri address, string key, int clients)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private long lastNumber;

    /// <summary>Places orders for so long, then waits for the last answers.</summary>
    public LoadResult Run(OrderMix mix, TimeSpan duration, CancellationToken cancel) => Run(mix, duration, long.MaxValue, 0, cancel);

    /// <summary>Places so many orders, but for no longer than this.</summary>
    public LoadResult Run(OrderMix mix, TimeSpan longest, long attempts, CancellationToken cancel) => Run(mix, longest, attempts, 0, cancel);

    /// <summary>
    /// Places so many orders a second, whether the server keeps up or not; an order's wait begins when it was due. It looks once a
    /// millisecond whether the next is.
    /// </summary>
    public LoadResult RunPaced(OrderMix mix, int perSecond, TimeSpan duration, CancellationToken cancel) => Run(mix, duration, long.MaxValue, perSecond, cancel);

    /// <summary>Makes so many attempts. The rate is that of the orders placed until the last of them was acknowledged.</summary>
    public LoadResult Run(OrderMix mix, long attempts, CancellationToken cancel) => Run(mix, TimeSpan.MaxValue, attempts, 0, cancel);

    private LoadResult Run(OrderMix mix, TimeSpan duration, long attempts, int perSecond, CancellationToken cancel)
    {
        var answers = new Answers();
        var waits = new Latencies();
        var connections = new OrderConnection[clients];
        var entries = new PollEntry[clients];
        var cpu = ProcessFigures.CpuSeconds(Environment.ProcessId);
        try
        {
            for (var i = 0; i < clients; i++)
            {
                connections[i] = new OrderConnection(address, mix.RequestTo(address, key));
                entries[i] = new PollEntry { Socket = -1, Wanted = LibC.Readable };
            }

            var started = Stopwatch.GetTimestamp();
            var end = duration == TimeSpan.MaxValue ? long.MaxValue : started + (long)(duration.TotalSeconds * Stopwatch.Frequency);
            var lastPlaced = started;
            var lastAnswer = started;
            var placedInTime = 0L;
            var left = attempts;
            var inFlight = 0;
            var idle = new Stack<int>(Enumerable.Range(0, clients).Reverse());
            var due = started;
            var interval = perSecond == 0 ? 0 : Stopwatch.Frequency / perSecond;
            SendDue();

            while (inFlight > 0 || (perSecond > 0 && left > 0 && Stopwatch.GetTimestamp() < end))
            {
                cancel.ThrowIfCancellationRequested();
                LibC.Poll(entries, milliseconds: perSecond == 0 ? 1_000 : 1);
                SendDue();
                if (inFlight > 0 && Stopwatch.GetElapsedTime(lastAnswer) > Patience)
                    throw new BenchException($"The server has not answered {inFlight} orders for {Patience.TotalSeconds:N0} s.");

                for (var i = 0; i < clients; i++)
                {
                    if (entries[i].Seen != 0 && connections[i].Receive())
                        Take(i, Stopwatch.GetTimestamp());
                }
            }

            var ranTo = attempts == long.MaxValue ? end : lastPlaced;
            var seconds = Stopwatch.GetElapsedTime(started, ranTo).TotalSeconds;
            return new LoadResult(answers, seconds > 0 ? placedInTime / seconds : 0, seconds, waits, ProcessFigures.CpuSeconds(Environment.ProcessId) - cpu);

            // Without a pace the next order is due as soon as a connection is idle.
            void SendDue()
            {
                for (var now = Stopwatch.GetTimestamp(); left > 0 && now < end && (perSecond == 0 || due <= now) && idle.TryPop(out var i);)
                {
                    left--;
                    inFlight++;
                    mix.Fill(connections[i].Request, ++lastNumber);
                    connections[i].Send(perSecond == 0 ? now : due);
                    entries[i].Socket = connections[i].Handle;
                    lastAnswer = inFlight == 1 ? now : lastAnswer;
                    due += interval;
                }
            }

            void Take(int i, long at)
            {
                inFlight--;
                lastAnswer = at;
                var connection = connections[i];
                waits.Add((long)Stopwatch.GetElapsedTime(connection.SentAt, at).TotalMicroseconds);
                if (connection.Status == 201)
                {
                    answers.AddPlaced();
                    lastPlaced = at;
                    placedInTime += at <= end ? 1 : 0;
                }
                else
                {
                    answers.Add(connection.Status, connection.Body());
                }

                entries[i].Socket = -1; // Passed over by poll.
                idle.Push(i);
                if (perSecond == 0)
                    SendDue();
            }
        }
        finally
        {
            foreach (var connection in connections)
                connection?.Dispose();
        }
    }
}
