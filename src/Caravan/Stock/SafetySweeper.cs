using Caravan.Partners;
using Caravan.Platform.Storage;

namespace Caravan.Stock;

/// <summary>
/// Holds cells against the safety rules after a rule has changed, piece by piece, each a short write that gives way to orders; and
/// all cells of whoever has rules by category or by kind of location every ten minutes, for items and locations change too. How
/// far a pass has come is written with its piece, so that any server goes on with it.
/// </summary>
internal sealed partial class SafetySweeper : BackgroundService
{
    private const int PieceLength = 200;

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan WholeEvery = TimeSpan.FromMinutes(10);

    private readonly Store store;
    private readonly SafetyBook book;
    private readonly PartnerBook partners;
    private readonly TimeProvider clock;
    private readonly ILogger<SafetySweeper> log;
    private TaskCompletionSource rung = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SafetySweeper(Store store, SafetyBook book, PartnerBook partners, TimeProvider clock, ILogger<SafetySweeper> log)
    {
        this.store = store;
        this.book = book;
        this.partners = partners;
        this.clock = clock;
        this.log = log;
        store.Listen(SafetyStore.Topic, _ => Volatile.Read(ref rung).TrySetResult());
    }

    /// <summary>Finishes every pass that is open or due.</summary>
    public async Task RunOnceAsync(CancellationToken cancel)
    {
        var before = clock.GetUtcNow() - WholeEvery;
        var owners = await store.ReadAsync(async db =>
        {
            List<(PartnerId Owner, bool IsStale)> due = [];
            foreach (var partner in await partners.AllAsync(db))
            {
                var isStale = await SafetyStore.IsStaleAsync(db, partner.Id, before);
                if (isStale || await SafetyStore.OpenAsync(db, partner.Id) is not null)
                    due.Add((partner.Id, isStale));
            }

            return due;
        }, cancel);
        foreach (var (owner, isStale) in owners)
        {
            if (isStale)
                await store.WriteLaterAsync(tx => BeginAsync(tx, owner, before), cancel);
            while (await store.WriteLaterAsync(tx => StepAsync(tx, owner), cancel))
            {
                // The next piece.
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var bell = Volatile.Read(ref rung);
            await Task.WhenAny(bell.Task, Task.Delay(Tick, clock, stoppingToken)); // Never throws.
            if (bell.Task.IsCompleted)
                Interlocked.CompareExchange(ref rung, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), bell);
            try
            {
                if (!stoppingToken.IsCancellationRequested)
                    await RunOnceAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Trouble with the store must not end the passes: it is logged, and they go on where they were.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                LogFailure(exception);
            }
        }
    }

    // A pass over all cells, unless another server has begun one meanwhile.
    private static async Task<bool> BeginAsync(Tx tx, PartnerId owner, DateTimeOffset before)
    {
        if (!await SafetyStore.IsStaleAsync(tx, owner, before))
            return false;

        await SafetyStore.SweepAllAsync(tx, owner);
        return true;
    }

    // One piece of one pass; false when none is open.
    private async Task<bool> StepAsync(Tx tx, PartnerId owner)
    {
        if (await SafetyStore.OpenAsync(tx, owner) is not { } sweep)
            return false;

        var cells = await SafetyStore.NextAsync(tx, sweep, PieceLength);
        var safetyOf = await book.OfAsync(tx, owner, cells.ConvertAll(cell => cell.Key));
        await SafetyStore.WriteAsync(tx, [.. cells.Select(cell => (cell.Key, Safety: safetyOf(cell.Key), Was: cell.Safety)).Where(cell => cell.Safety != cell.Was).Select(cell => (cell.Key, cell.Safety))]);
        await SafetyStore.AdvanceAsync(tx, sweep, cells.Count < PieceLength ? null : cells[^1].Key);
        return true;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cells could not be held against the safety rules; it goes on in a while.")]
    private partial void LogFailure(Exception exception);
}
