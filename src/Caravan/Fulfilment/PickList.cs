using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Caravan.Delivery;
using Caravan.Network;
using Caravan.Orders;
using Caravan.Platform;

namespace Caravan.Fulfilment;

/// <summary>
/// What a node's people do for one fulfilment order: pick, pack, hand over. All decisions are pure: they give the list as
/// it would be, or a refusal. Always picked + short + cancelled ≤ quantity, line by line.
/// </summary>
public sealed record PickList
{
    /// <summary>After so many wrong codes only somebody's word, which is kept, hands it over.</summary>
    public const int WrongCodesMax = 5;

    /// <summary>The company whose people pick.</summary>
    public required PartnerId Operator { get; init; }

    /// <summary>The fulfilment order it is for.</summary>
    public required FulfilmentId Id { get; init; }

    /// <summary>Seller of record.</summary>
    public required PartnerId Seller { get; init; }

    /// <summary>The seller's order.</summary>
    public required OrderId Order { get; init; }

    /// <summary>The seller's own number of it.</summary>
    public required string OrderNumber { get; init; }

    /// <summary>Where it is picked.</summary>
    public required LocationId Location { get; init; }

    /// <summary>What the customer was promised.</summary>
    public required DeliveryService Service { get; init; }

    /// <summary>The station it is collected at.</summary>
    public LocationId? Station { get; init; }

    /// <summary>The company whose people work at that station.</summary>
    public PartnerId? StationOperator { get; init; }

    /// <summary>Whether the customer collects it in the building where it is packed, so that no courier comes.</summary>
    public bool IsCollectedHere { get; init; }

    /// <summary>Where it stands.</summary>
    public PickListStatus Status { get; init; }

    /// <summary>When it should be packed.</summary>
    public required DateTimeOffset ReadyAt { get; init; }

    /// <summary>When it was promised to the customer.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>When the node's people were told.</summary>
    public required DateTimeOffset ReleasedAt { get; init; }

    /// <summary>When it was packed.</summary>
    public DateTimeOffset? PackedAt { get; init; }

    /// <summary>When the customer had it, at the node or a station.</summary>
    public DateTimeOffset? HandedOverAt { get; init; }

    /// <summary>Wrong codes so far.</summary>
    public int WrongCodes { get; init; }

    /// <summary>On whose word, and why, it was handed over without the code.</summary>
    public string? OverrideReason { get; init; }

    /// <summary>What to pick.</summary>
    public required IReadOnlyList<PickLine> Lines { get; init; }

    /// <summary>What it is packed into.</summary>
    public required IReadOnlyList<Bag> Bags { get; init; }

    /// <summary>Whether its people still have something to pick or pack.</summary>
    public bool IsOpen => Status is PickListStatus.Waiting or PickListStatus.Picking or PickListStatus.Picked;

    /// <summary>Whether the customer's code would hand it over now.</summary>
    public bool IsReadyToHandOver => Status == PickListStatus.AtStation || (Status == PickListStatus.Packed && IsCollectedHere);

    /// <summary>Units still to be picked.</summary>
    public int Left => Lines.Sum(line => line.Left);

    /// <summary>Lines as one walks along the shelves: ambient goods first, frozen last, so that they stay cold.</summary>
    public IEnumerable<PickLine> InShelfOrder => Lines
        .OrderBy(line => line.TemperatureClass == TemperatureClass.Medicine ? TemperatureClass.Ambient : line.TemperatureClass)
        .ThenBy(line => line.Category, StringComparer.Ordinal)
        .ThenBy(line => line.Name, StringComparer.Ordinal)
        .ThenBy(line => line.Line);

    /// <summary>Units of a line go into the tote; with an owner, only of that owner's stock.</summary>
    public PickOutcome Pick(int line, PartnerId? owner, int units) =>
        Move(line, owner, units, (one, taken) => one with { Picked = one.Picked + taken });

    /// <summary>What was scanned goes into the tote: an owner's SKU, or a GTIN in any of its lengths.</summary>
    public PickOutcome Scan(string code, int units)
    {
        if (!IsOpen)
            return NotOpen();

        var scanned = ScannedCode.Of(code);
        var matching = Lines.Where(scanned.IsOf).ToList();
        if (matching.Count == 0)
            return Refuse(PickRefusal.NotOnList, "code", $"'{scanned}' is not on this list. Put it back on the shelf.");

        var next = matching.FirstOrDefault(line => line.Left >= units) ?? matching.MaxBy(line => line.Left)!; // Not empty: checked above.
        return next.Left >= units
            ? Pick(next.Line, next.Owner, units)
            : Refuse(PickRefusal.TooMany, units == 1 ? "code" : "quantity", next.Left == 0 ? $"Of {next.Name} nothing is left to pick. Put it back on the shelf." : $"Of {next.Name} only {next.Left} are left to pick.", next.Left);
    }

    /// <summary>Units of a line cannot be picked here.</summary>
    public PickOutcome GoShort(int line, PartnerId? owner, int units, ShortReason reason) =>
        Move(line, owner, units, (one, taken) => one with { Short = one.Short + taken, ShortReason = reason });

    /// <summary>Everything picked goes into bags; nothing may be left to pick.</summary>
    public PickOutcome Pack(DateTimeOffset now)
    {
        if (!IsOpen)
            return NotOpen();
        if (Left > 0)
            return Refuse(PickRefusal.NotAllPicked, "", $"{Left} units are left to pick. Pick them, or say that they are not on the shelf.", Left);

        Debug.Assert(Lines.Any(line => line.Picked > 0), "A list of which nothing was picked is closed or cancelled.");
        return Done(this with
        {
            Status = PickListStatus.Packed,
            PackedAt = now,
            Bags = [.. Bags.Select(bag => bag.Status == BagStatus.ToPack ? bag with { Status = BagStatus.Packed } : bag)],
        });
    }

    /// <summary>The customer has come: hand over against the code or, once that is locked, on somebody's word.</summary>
    public PickOutcome HandOver(string? code, string? overrideReason, string customersCode, DateTimeOffset now)
    {
        if (Status == PickListStatus.HandedOver)
            return Refuse(PickRefusal.NotHere, "", "It was handed over already.");
        if (Station is null)
            return Refuse(PickRefusal.NotHere, "", "It goes to the customer's door with a courier; nobody collects it.");
        if (!IsReadyToHandOver)
            return Refuse(PickRefusal.NotHere, "", IsOpen ? "It is not packed yet." : Status == PickListStatus.Packed || Status == PickListStatus.Collected ? "Not all of it has come to the station yet." : $"It is {Said(Status)}.");

        if (overrideReason is not null)
        {
            return WrongCodes >= WrongCodesMax
                ? Over(now) with { List = Over(now).List with { OverrideReason = overrideReason } }
                : Refuse(PickRefusal.NotLocked, "override", "Ask for the customer's code first; a word instead of it counts after five wrong ones.");
        }

        if (WrongCodes >= WrongCodesMax)
            return Refuse(PickRefusal.CodeLocked, "code", "Five wrong codes: it is locked. Check who the customer is and hand over with an override that says why.", 0);
        if (CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(code?.Trim() ?? ""), Encoding.UTF8.GetBytes(customersCode)))
            return Over(now);

        var counted = this with { WrongCodes = WrongCodes + 1 };
        return new PickOutcome.Refused(PickRefusal.WrongCode, "code", "Not the customer's code. It stands in the customer's order, on the tracking page.", WrongCodesMax - counted.WrongCodes, counted);
    }

    /// <summary>The list as the order says that it is now: units that were called off or sourced from elsewhere leave it. Doing it again changes nothing.</summary>
    internal PickList Follow(IReadOnlyList<Allocation> allocations)
    {
        var byKey = allocations.ToDictionary(one => (one.Line, one.Owner));
        return Restated(this with
        {
            Lines = [.. Lines.Select(line =>
            {
                if (!byKey.TryGetValue((line.Line, line.Owner), out var now))
                    return line;

                var picked = now.Quantity - now[LineStatus.Reserved] - now[LineStatus.Released] - now[LineStatus.Short] - now[LineStatus.Cancelled];
                return line with { Picked = picked, Short = now[LineStatus.Short], Cancelled = now[LineStatus.Cancelled], PutBack = line.PutBack + Math.Max(0, line.Picked - picked) };
            })],
        });
    }

    /// <summary>The list after one of its bags has moved. A bag never moves backwards, so hearing of it twice changes nothing.</summary>
    internal PickList Follow(TemperatureClass bag, JobStatus status)
    {
        var to = status switch
        {
            JobStatus.Collected => BagStatus.Collected,
            JobStatus.Delivered => Station is null ? BagStatus.HandedOver : BagStatus.AtStation,
            JobStatus.Returned => BagStatus.Returned,
            _ => BagStatus.ToPack,
        };
        return Restated(this with { Bags = [.. Bags.Select(one => one.TemperatureClass == bag && one.Status < to ? one with { Status = to } : one)] });
    }

    /// <summary>Bags that nothing is to go into any more, though nobody has called them off yet.</summary>
    internal IEnumerable<Bag> EmptyBags => Bags.Where(bag => bag.Status is BagStatus.ToPack or BagStatus.Packed && !Lines.Any(line => line.TemperatureClass == bag.TemperatureClass && line.Wanted > 0));

    /// <summary>The list with its state derived from its lines while it is picked, and from its bags afterwards.</summary>
    internal static PickList Restated(PickList list)
    {
        list = list with { Bags = [.. list.Bags.Select(bag => list.EmptyBags.Contains(bag) ? bag with { Status = BagStatus.Cancelled } : bag)] };
        if (list.Lines.All(line => line.Wanted == 0))
            return list with { Status = list.Lines.Any(line => line.Short > 0) ? PickListStatus.Closed : PickListStatus.Cancelled };
        if (list.IsOpen)
            return list with { Status = list.Left == 0 ? PickListStatus.Picked : list.Lines.Any(line => line.Picked + line.Short > 0) ? PickListStatus.Picking : PickListStatus.Waiting };

        var bags = list.Bags.Where(bag => bag.Status != BagStatus.Cancelled).Select(bag => bag.Status).ToList();
        var least = bags.DefaultIfEmpty(BagStatus.Packed).Min();
        return list with
        {
            Status = least switch
            {
                BagStatus.Collected => PickListStatus.Collected,
                BagStatus.AtStation => PickListStatus.AtStation,
                BagStatus.HandedOver => PickListStatus.HandedOver,
                BagStatus.Returned => PickListStatus.Returned,
                _ => PickListStatus.Packed,
            },
        };
    }

    private PickOutcome Move(int line, PartnerId? owner, int units, Func<PickLine, int, PickLine> change)
    {
        if (!IsOpen)
            return NotOpen();

        var own = Lines.Where(one => one.Line == line).ToList();
        if (own.Count == 0)
            return Refuse(PickRefusal.NoSuchLine, "line", $"This list has no line {line}. It has {string.Join(", ", Lines.Select(one => one.Line).Distinct().Order())}.");

        own = [.. own.Where(one => owner is null || one.Owner == owner)];
        if (own.Count == 0)
            return Refuse(PickRefusal.NoSuchLine, "owner", $"Nothing of line {line} comes from this owner's stock.");
        if (units < 1 || units > own.Sum(one => one.Left))
            return Refuse(PickRefusal.TooMany, "quantity", $"Of line {line} {own.Sum(one => one.Left)} units are left to pick.", own.Sum(one => one.Left));

        List<PickMove> moves = [];
        var after = Lines.ToList();
        foreach (var one in own)
        {
            var taken = Math.Min(units, one.Left);
            if (taken == 0)
                continue;

            after[after.IndexOf(one)] = change(one, taken);
            moves.Add(new PickMove(line, one.Owner, taken));
            units -= taken;
        }

        return Done(Restated(this with { Lines = after }), moves);
    }

    private PickOutcome.Done Over(DateTimeOffset now) => new(
        Restated(this with
        {
            HandedOverAt = now,
            Bags = [.. Bags.Select(bag => bag.Status is BagStatus.Packed or BagStatus.AtStation ? bag with { Status = BagStatus.HandedOver } : bag)],
        }),
        [],
        0);

    private PickOutcome.Refused NotOpen() => Refuse(PickRefusal.NotOpen, "", $"This list is {Said(Status)}; nothing of it can be picked or packed any more.");

    private static PickOutcome.Done Done(PickList list, IReadOnlyList<PickMove>? moves = null) => new(list, moves ?? [], 0);

    private static PickOutcome.Refused Refuse(PickRefusal why, string field, string detail, int? left = null) => new(why, field, detail, left, null);

    private static string Said(PickListStatus status) => Platform.Screens.StateWords.Said(status.ToString()).ToLowerInvariant();
}
