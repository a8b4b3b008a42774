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
    public LoadResult Run(OrderMix mix, TimeSpan duration, CancellationToken cancel) => Run(mix, duration, long.MaxValue, cancel);

    /// <summary>Makes so many attempts. The rate is that of the orders placed until the last of them was acknowledged.</summary>
    public LoadResult Run(OrderMix mix, long attempts, CancellationToken cancel) => Run(mix, TimeSpan.MaxValue, attempts, cancel);

    private LoadResult Run(OrderMix mix, TimeSpan duration, long attempts, CancellationToken cancel)
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
                connections[i] = new OrderConnection(address, new OrderRequest(address, key, mix.LineCount));
                entries[i] = new PollEntry { Wanted = LibC.Readable };
            }

            var started = Stopwatch.GetTimestamp();
            var end = duration == TimeSpan.MaxValue ? long.MaxValue : started + (long)(duration.TotalSeconds * Stopwatch.Frequency);
            var lastPlaced = started;
            var lastAnswer = started;
            var placedInTime = 0L;
            var left = attempts;
            var inFlight = 0;
            for (var i = 0; i < clients; i++)
                SendNext(i);

            while (inFlight > 0)
            {
                cancel.ThrowIfCancellationRequested();
                LibC.Poll(entries, milliseconds: 1_000);
                if (Stopwatch.GetElapsedTime(lastAnswer) > Patience)
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

            void SendNext(int i)
            {
                entries[i].Socket = -1; // Passed over by poll.
                if (left == 0 || Stopwatch.GetTimestamp() >= end)
                    return;

                left--;
                inFlight++;
                mix.Fill(connections[i].Request, ++lastNumber);
                connections[i].Send();
                entries[i].Socket = connections[i].Handle;
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

                SendNext(i);
            }
        }
        finally
        {
            foreach (var connection in connections)
                connection?.Dispose();
        }
    }
}
