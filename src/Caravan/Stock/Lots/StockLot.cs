using System.Buffers;

namespace Caravan.Stock.Lots;

/// <summary>Why a lot must not be sold.</summary>
public enum LotHold
{
    /// <summary>Its maker or an authority calls it back.</summary>
    Recall,

    /// <summary>Something is wrong with it.</summary>
    Quality,

    /// <summary>It waits to be looked at.</summary>
    Quarantine,

    /// <summary>Anything else; see the note.</summary>
    Other,
}

/// <summary>
/// A lot of a cell: goods made together, known by the code on their packs (GS1 AI 10) and, mostly, by the day they expire (AI 17).
/// Of what is on its shelf (on hand and not in a tote) the cell's held carries all while the lot may not be sold, else what
/// came back and waits to be graded.
/// </summary>
public sealed record StockLot
{
    /// <summary>Its id.</summary>
    public required LotId Id { get; init; }

    /// <summary>Whose goods.</summary>
    public required PartnerId Owner { get; init; }

    /// <summary>Of what.</summary>
    public required ItemId Item { get; init; }

    /// <summary>Where. The same code at another location is a row of its own.</summary>
    public required LocationId Location { get; init; }

    /// <summary>The code on the packs.</summary>
    public required string Code { get; init; }

    /// <summary>The last day it is good.</summary>
    public DateOnly? ExpiresOn { get; init; }

    /// <summary>From when it may no longer be with a customer: its last day less the days an item must have left, on the location's clock.</summary>
    public DateTimeOffset? SellUntil { get; init; }

    /// <summary>When the first of it came here.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Units here, in totes too.</summary>
    public int OnHand { get; init; }

    /// <summary>Units in a tote or a bag.</summary>
    public int Picked { get; init; }

    /// <summary>Units that came back and wait to be graded.</summary>
    public int Returned { get; init; }

    /// <summary>Whether its time is over.</summary>
    public bool IsPast { get; init; }

    /// <summary>Why somebody holds it.</summary>
    public LotHold? HoldReason { get; init; }

    /// <summary>What they say of it.</summary>
    public string? HoldNote { get; init; }

    /// <summary>Who.</summary>
    public string? HeldBy { get; init; }

    /// <summary>Since when.</summary>
    public DateTimeOffset? HeldAt { get; init; }

    /// <summary>Whether the hold is on the code wherever it lies, and also where it comes to later.</summary>
    public bool IsHeldEverywhere { get; init; }

    /// <summary>The days left at delivery that its time was worked out with.</summary>
    internal int MinimumDays { get; init; }

    /// <summary>Units on the shelf.</summary>
    internal int Shelf => Math.Max(0, OnHand - Picked);

    /// <summary>What the cell's held carries of it.</summary>
    public int Held => HoldReason is not null || IsPast ? Shelf : Math.Min(Returned, Shelf);

    /// <summary>What may be picked, as far as its time allows.</summary>
    public int Free => Shelf - Held;

    internal StockKey Key => new(Owner, Item, Location);

    /// <summary>Whether it may be picked now for a customer who has it at an instant.</summary>
    internal bool Serves(DateTimeOffset now, DateTimeOffset dueAt) => HoldReason is null && !IsPast && (SellUntil is not { } end || (now < end && dueAt < end));
}

/// <summary>What is wrong with what a person said of lots: of which line, or of the cell.</summary>
internal sealed record LotHandFault(int? Lot, string Detail);

/// <summary>What is written on a pack: a lot's code and its last day.</summary>
internal sealed record LotLine(string Code, DateOnly? ExpiresOn, int Quantity)
{
    /// <summary>The longest code of GS1 AI 10.</summary>
    public const int LongestCode = 20;

    public static readonly DateOnly FirstDay = new(2000, 1, 1);
    public static readonly DateOnly LastDay = new(2099, 12, 31);

    // GS1 General Specifications, figure 7.11-1: the 82 characters an element string may hold.
    private static readonly SearchValues<char> Encodable = SearchValues.Create("!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");

    public static bool IsCode(string? code) => code is { Length: > 0 and <= LongestCode } && !code.AsSpan().ContainsAnyExcept(Encodable);
}
