using Caravan.Platform.Storage;

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
public sealed record TransferLine(ItemId Item, int Quantity, int Received);

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
        var lines = Lines.Select(line => line with { Received = line.Received + came.GetValueOrDefault(line.Item) }).ToList();
        var isWhole = lines.TrueForAll(line => line.Received == line.Quantity);
        return this with { Lines = lines, State = isWhole ? TransferState.Received : isLast ? TransferState.Closed : TransferState.InTransit, ClosedAt = isWhole || isLast ? now : null };
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
        foreach (var line in transfer.Lines.OrderBy(line => line.Item))
        {
            if (await book.TransferAsync(tx, new StockKey(transfer.Owner, line.Item, transfer.From), -line.Quantity, CauseOf(transfer)) is { } free)
                lacking.Add((line.Item, free));
        }

        if (lacking.Count > 0)
            return new SendOutcome.Short(lacking);

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
            if (await book.TransferAsync(tx, new StockKey(transfer.Owner, item, transfer.To), units, CauseOf(transfer, cause)) is not null)
                return null;
        }

        var after = transfer.Receive(came, isLast, tx.Now);
        await TransferStore.UpdateAsync(tx, after);
        return after;
    }

    private static string CauseOf(Transfer transfer, string? receipt = null) => receipt is null ? $"transfer:{transfer.Id}" : $"transfer:{transfer.Id}:{receipt}";
}
