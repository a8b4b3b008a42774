using Caravan.Platform.Storage;
using Caravan.Stock.Lots;

namespace Caravan.Stock;

/// <summary>Where a transfer stands.</summary>
public enum TransferState
{
    /// <summary>Off the book of the one location, not yet on that of the other: nobody can reserve it.</summary>
    InTransit,

    /// <summary>All of it has come.</summary>
    Received,

    /// <summary>Closed with less than was sent; the rest is lost.</summary>
    Closed,
}

/// <summary>One item of a transfer: how many were sent, and how many of them have come.</summary>
public sealed record TransferLine(ItemId Item, int Quantity, int Received)
{
    /// <summary>Of which lots, as far as they are kept by lot.</summary>
    public IReadOnlyList<TransferLot> Lots { get; init; } = [];
}

/// <summary>Units of a lot on their way: how many were sent, and how many of them have come.</summary>
public sealed record TransferLot(string Code, DateOnly? ExpiresOn, int Quantity, int Received);

/// <summary>Goods of one owner on their way between two locations.</summary>
public sealed record Transfer
{
    /// <summary>Whose goods.</summary>
    public required PartnerId Owner { get; init; }

    /// <summary>Its id.</summary>
    public required TransferId Id { get; init; }

    /// <summary>The location that sends.</summary>
    public required LocationId From { get; init; }

    /// <summary>The location that receives.</summary>
    public required LocationId To { get; init; }

    /// <summary>The owner's own number of it, unique for ever.</summary>
    public required string Reference { get; init; }

    /// <summary>Where it stands.</summary>
    public TransferState State { get; init; }

    /// <summary>When it left.</summary>
    public required DateTimeOffset SentAt { get; init; }

    /// <summary>When it should arrive.</summary>
    public required DateTimeOffset ExpectedAt { get; init; }

    /// <summary>When nothing more of it was to come.</summary>
    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>What was sent.</summary>
    public required IReadOnlyList<TransferLine> Lines { get; init; }

    /// <summary>The transfer after units of its lines have come. With <paramref name="isLast"/> it is closed, whatever is missing.</summary>
    internal Transfer Receive(IReadOnlyDictionary<ItemId, int> came, bool isLast, DateTimeOffset now)
    {
        var lines = Lines.Select(line => line with
        {
            Received = line.Received + came.GetValueOrDefault(line.Item),
            Lots = [.. line.Lots.Select(lot => lot with { Received = lot.Received + LotsOf(line, came.GetValueOrDefault(line.Item)).Where(one => one.Code == lot.Code).Sum(one => one.Quantity) })],
        }).ToList();
        var isWhole = lines.TrueForAll(line => line.Received == line.Quantity);
        return this with { Lines = lines, State = isWhole ? TransferState.Received : isLast ? TransferState.Closed : TransferState.InTransit, ClosedAt = isWhole || isLast ? now : null };
    }

    /// <summary>Of which lots units that come are: those that expire first come first, and what was sent without a lot comes last.</summary>
    internal static IReadOnlyList<LotLine> LotsOf(TransferLine line, int units)
    {
        List<LotLine> came = [];
        foreach (var lot in line.Lots.OrderBy(lot => lot.ExpiresOn ?? DateOnly.MaxValue).ThenBy(lot => lot.Code, StringComparer.Ordinal))
        {
            var some = Math.Min(units, lot.Quantity - lot.Received);
            if (some > 0)
                came.Add(new LotLine(lot.Code, lot.ExpiresOn, some));
            units -= some;
        }

        return came;
    }
}

/// <summary>How sending went.</summary>
public abstract record SendOutcome
{
    private SendOutcome()
    {
    }

    /// <summary>It is on its way.</summary>
    public sealed record Sent(Transfer Transfer) : SendOutcome;

    /// <summary>Nothing was sent; of these items fewer are free (neither reserved nor held), with how many.</summary>
    public sealed record Short(IReadOnlyList<(ItemId Item, int Free)> Lacking) : SendOutcome;

    /// <summary>Nothing was sent: these lots of an item cannot go, and why.</summary>
    public sealed record NotTheseLots(ItemId Item, LotRefusal Refusal) : SendOutcome;

    /// <summary>The owner has a transfer of this reference already.</summary>
    public sealed record Known(TransferId Transfer) : SendOutcome;
}

/// <summary>
/// Moves stock between two locations of one owner. What is sent leaves the one cell at once and enters the other when it is
/// received; in between nobody can reserve it. All doors join the caller's transaction; a refusal must be followed by its undoing.
/// </summary>
public sealed class TransferDesk
{
    private readonly StockBook book;

    internal TransferDesk(StockBook book) => this.book = book;

    /// <summary>Sends goods off. The caller has seen to it that the owner may hold them at both places.</summary>
    public async Task<SendOutcome> SendAsync(Tx tx, Transfer transfer)
    {
        if (await TransferStore.FindIdAsync(tx, transfer.Owner, transfer.Reference) is { } known)
            return new SendOutcome.Known(known);

        List<(ItemId, int)> lacking = [];
        List<TransferLine> lines = [];
        foreach (var line in transfer.Lines.OrderBy(line => line.Item))
        {
            var named = line.Lots.Select(lot => new LotLine(lot.Code, lot.ExpiresOn, lot.Quantity)).ToList();
            var (free, sent, refusal) = await book.SendAsync(tx, new StockKey(transfer.Owner, line.Item, transfer.From), line.Quantity, CauseOf(transfer), named);
            if (refusal is not null)
                return new SendOutcome.NotTheseLots(line.Item, refusal);
            if (free is { } most)
                lacking.Add((line.Item, most));
            lines.Add(line with { Lots = [.. sent.Select(lot => new TransferLot(lot.Code, lot.ExpiresOn, lot.Quantity, 0))] });
        }

        if (lacking.Count > 0)
            return new SendOutcome.Short(lacking);

        transfer = transfer with { Lines = lines };
        await TransferStore.InsertAsync(tx, transfer);
        return new SendOutcome.Sent(transfer);
    }

    /// <summary>What of this came by a cause (a goods-received note) for the first time.</summary>
    public static async Task<Dictionary<ItemId, int>> NewAsync(Tx tx, Transfer transfer, IReadOnlyDictionary<ItemId, int> came, string cause)
    {
        Dictionary<ItemId, int> isNew = [];
        foreach (var (item, units) in came.Where(one => one.Value > 0))
        {
            if (!await StockStore.IsMovedAsync(tx, new StockKey(transfer.Owner, item, transfer.To), MovementKind.Transfer, CauseOf(transfer, cause)))
                isNew[item] = units;
        }

        return isNew;
    }

    /// <summary>Units have come, no more than are on their way, and by a cause that is new to them. Null when the cell of an item cannot hold them.</summary>
    public async Task<Transfer?> ReceiveAsync(Tx tx, Transfer transfer, IReadOnlyDictionary<ItemId, int> came, string cause, bool isLast)
    {
        foreach (var (item, units) in came.OrderBy(one => one.Key))
        {
            var ofLots = Transfer.LotsOf(transfer.Lines.First(line => line.Item == item), units);
            if (!await book.ComeAsync(tx, new StockKey(transfer.Owner, item, transfer.To), units, CauseOf(transfer, cause), ofLots))
                return null;
        }

        var after = transfer.Receive(came, isLast, tx.Now);
        await TransferStore.UpdateAsync(tx, after);
        return after;
    }

    private static string CauseOf(Transfer transfer, string? receipt = null) => receipt is null ? $"transfer:{transfer.Id}" : $"transfer:{transfer.Id}:{receipt}";
}
