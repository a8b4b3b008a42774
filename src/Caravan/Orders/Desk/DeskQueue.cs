using System.Diagnostics;
using System.Threading.Channels;
using Caravan.Platform;
using Caravan.Platform.Storage;
using Caravan.Platform.Telemetry;
using Caravan.Stock;
using Npgsql;

namespace Caravan.Orders.Desk;

/// <summary>
/// Orders wait here while the last commit is on its way to disk, and share the next one (group commit). The queue is bounded:
/// beyond it an order is turned away at once, before it has cost anything. Whoever waits is answered after the commit.
/// </summary>
internal sealed class DeskQueue : IAsyncDisposable
{
    private const int QueueLength = 8_192;
    private const int LinksMax = 128;
    private const int WritersMax = Store.LanesMax;

    private readonly Channel<DeskOrder> queue = Channel.CreateBounded<DeskOrder>(new BoundedChannelOptions(QueueLength));
    private readonly Store store;
    private readonly DeskBatch batches;
    private readonly StockBook stock;
    private readonly DeskFigures figures;
    private readonly int batchLength;
    private readonly Task[] writers;

    // A batch that needs no more than its plans goes beside another one; one that has to be decided anew goes alone, for what it reads
    // must not change under it.
    private readonly SemaphoreSlim turns = new(WritersMax);
    private readonly SemaphoreSlim turnAlone = new(1);

    public DeskQueue(Store store, DeskBatch batches, StockBook stock, DeskFigures figures, Settings settings)
    {
        this.figures = figures;
        figures.Watch(() => Waiting, QueueLength);
        this.store = store;
        this.batches = batches;
        this.stock = stock;
        batchLength = settings.OrdersPerCommit;

        // While one batch is being made durable the next is decided; one order a commit means one after the other.
        writers = [.. Enumerable.Range(0, batchLength == 1 ? 1 : WritersMax).Select(_ => store.Start(WriteLoopAsync))];
    }

    /// <summary>How many orders wait.</summary>
    public int Waiting => queue.Reader.Count;

    /// <summary>Decides an order, and returns when what became of it is on disk.</summary>
    /// <exception cref="StoreBusyException">Too many orders are waiting.</exception>
    public async Task<DeskOutcome> DecideAsync(DeskOrder order)
    {
        order.PlannedOn = stock.Plan(order.Planned);
        if (!queue.Writer.TryWrite(order))
        {
            StockBook.Unplan(order.Planned, order.PlannedOn);
            figures.TurnedAway();
            throw new StoreBusyException();
        }

        return await order.Answer;
    }

    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await Task.WhenAll(writers);
        turns.Dispose();
        turnAlone.Dispose();
    }

    private async Task WriteLoopAsync()
    {
        await using var lane = batchLength == 1 ? null : store.OpenLane();
        List<DeskOrder> batch = new(batchLength);
        while (batch.Count > 0 || await queue.Reader.WaitToReadAsync())
        {
            TakeWaiting(batch);
            if (batch.Count == 0)
                continue; // The other writer was quicker.

            if (lane is not null && batch.Exists(order => order.Prepared is not null))
            {
                await RunPlannedAsync(lane, batch);
                SettleDecided(batch);
            }

            if (batch.Count > 0)
            {
                await RunAnewAsync(batch, isOpen: lane is null);
                SettleDecided(batch);
            }
        }
    }

    private void SettleDecided(List<DeskOrder> batch)
    {
        figures.Batch(batch.Count);
        foreach (var order in batch.Where(order => order.Outcome is not null))
            Settle(order);
        batch.RemoveAll(order => order.Answer.IsCompleted);
    }

    // On PostgreSQL. Where cells turn out to hold too little for all, they are locked and looked at; whoever gets nothing by that is
    // decided anew.
    private async Task RunPlannedAsync(Store.Lane lane, List<DeskOrder> batch)
    {
        await turns.WaitAsync();
        try
        {
            using var span = SpanOf(batch);
            if (await TryRunPlannedAsync(lane, batch, isLocking: false))
                return;

            figures.Locked();
            if (!await TryRunPlannedAsync(lane, batch, isLocking: true))
                batch.ForEach(order => order.Outcome = null); // Somebody has kept an answer to one of the keys meanwhile.
        }
#pragma warning disable CA1031 // Whatever it is, somebody waits for an answer.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            foreach (var order in batch)
                order.Outcome = null;
            if (IsOfTheStore(fault))
                batch.ForEach(order => Fail(order, fault));

            // Else it belongs to one of the orders, which are decided one by one if need be.
        }
        finally
        {
            turns.Release();
        }
    }

    private async Task<bool> TryRunPlannedAsync(Store.Lane lane, List<DeskOrder> batch, bool isLocking)
    {
        try
        {
            await lane.WriteAsync(tx => batches.RunPlannedAsync(tx, batch, isLocking));
            return true;
        }
        catch (PostgresException fault) when (fault.SqlState == Gathered.TooLittle)
        {
            return false;
        }
    }

    private async Task RunAnewAsync(List<DeskOrder> batch, bool isOpen)
    {
        if (isOpen)
        {
            await RunAsync(batch, isOpen);
            return;
        }

        await turnAlone.WaitAsync();
        for (var turn = 0; turn < WritersMax; turn++)
            await turns.WaitAsync();
        try
        {
            await RunAsync(batch, isOpen);
        }
        finally
        {
            turns.Release(WritersMax);
            turnAlone.Release();
        }
    }

    private static Activity? SpanOf(List<DeskOrder> batch)
    {
        var span = Figures.Traces.StartActivity("desk.batch", ActivityKind.Internal, default(ActivityContext), links: Figures.Traces.HasListeners() ? batch.Select(order => new ActivityLink(order.Trace)).Take(LinksMax) : null);
        span?.SetTag("caravan.orders", batch.Count);
        return span;
    }

    private static bool IsOfTheStore(Exception fault) => fault is System.Data.Common.DbException or StoreBusyException or StoreOutcomeUnknownException;

    private void TakeWaiting(List<DeskOrder> batch)
    {
        while (batch.Count < batchLength && queue.Reader.TryRead(out var next))
            batch.Add(next);
    }

    // Who came while the batch waited for its turn joins an open one. A fault that is not the store's belongs to one order: it
    // must not take the others with it.
    private async Task RunAsync(List<DeskOrder> batch, bool isOpen)
    {
        try
        {
            using var span = SpanOf(batch);
            await store.WriteAsync(async tx =>
            {
                if (isOpen)
                    TakeWaiting(batch);
                await batches.RunAsync(tx, batch, CancellationToken.None);
                batch.ForEach(Replan);
            }, CancellationToken.None);
        }
#pragma warning disable CA1031 // Whatever it is, somebody waits for an answer.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            foreach (var order in batch)
                order.Outcome = null;
            if (batch.Count == 1 || IsOfTheStore(fault))
            {
                foreach (var order in batch)
                    Fail(order, fault);
                return;
            }

            foreach (var order in batch)
                await RunAsync([order], isOpen: false);
        }
    }

    // Before the commit, so that no shelf that is read after it is taken off once more.
    private void Replan(DeskOrder order)
    {
        if (order is not { Outcome.Outcome: PlaceOutcome.Placed, Ready: { } ready } || ReferenceEquals(ready.Takes, order.Planned))
            return;

        StockBook.Unplan(order.Planned, order.PlannedOn);
        order.Planned = ready.Takes;
        order.PlannedOn = stock.Plan(order.Planned);
    }

    // What was planned and then reserved is gone from the remembered stock already; a plan that came to nothing is given back.
    private void Settle(DeskOrder order)
    {
        if (order.Outcome is { Outcome: PlaceOutcome.Placed })
            stock.Taken(order.Planned, order.PlannedOn);
        else
            StockBook.Unplan(order.Planned, order.PlannedOn);

        figures.Decided(order.Outcome!); // Only who is decided is settled.
        order.Tell();
    }

    private static void Fail(DeskOrder order, Exception fault)
    {
        StockBook.Unplan(order.Planned, order.PlannedOn);
        order.Fail(fault);
    }
}
