namespace Caravan.Stock.Lots;

/// <summary>Units of one lot: the code on the packs (GS1 AI 10) and the last day it is good (AI 17), where it has one.</summary>
internal sealed record LotLineBody(string Code, int Quantity)
{
    public DateOnly? ExpiresOn { get; init; }

    public LotLine ToLine() => new(Code, ExpiresOn, Quantity);
}

/// <summary>A lot of a cell. Sellable until: from then on it may not be with a customer any more.</summary>
internal sealed record LotBody(LotId Id, ItemId Item, LocationId Location, string Code, DateOnly? ExpiresOn, DateTimeOffset? SellUntil, DateTimeOffset ReceivedAt, int OnHand, int Picked, int Returned, int Held, int Free, bool IsPast, LotHoldBody? Hold)
{
    public static LotBody Of(StockLot lot) => new(
        lot.Id,
        lot.Item,
        lot.Location,
        lot.Code,
        lot.ExpiresOn,
        lot.SellUntil,
        lot.ReceivedAt,
        lot.OnHand,
        lot.Picked,
        lot.Returned,
        lot.Held,
        lot.Free,
        lot.IsPast,
        lot.HoldReason is { } reason ? new LotHoldBody(reason, lot.HoldNote, lot.HeldBy, lot.HeldAt, lot.IsHeldEverywhere) : null);
}

/// <summary>Why a lot is held, by whom and since when.</summary>
internal sealed record LotHoldBody(LotHold Reason, string? Note, string? By, DateTimeOffset? At, bool Everywhere);

/// <summary>Why a lot must not be sold; everywhere: wherever its code lies, and where it comes to later.</summary>
internal sealed record HoldLotBody(LotHold Reason)
{
    public string? Note { get; init; }
    public bool Everywhere { get; init; }
}

/// <summary>Whether the lot is let go here alone or wherever its code lies.</summary>
internal sealed record ReleaseLotBody
{
    public bool Everywhere { get; init; }
}

/// <summary>The lots that an act was on.</summary>
internal sealed record LotsBody(IReadOnlyList<LotBody> Lots);

/// <summary>One line of a lot's ledger.</summary>
internal sealed record LotMovementBody
{
    public MovementId Movement { get; init; }
    public MovementKind Kind { get; init; }
    public int OnHandDelta { get; init; }
    public int PickedDelta { get; init; }
    public int ReturnedDelta { get; init; }
    public int HeldDelta { get; init; }
    public string Cause { get; init; } = "";
    public DateTimeOffset At { get; init; }
}
