namespace Caravan.Stock.Lots;

/// <summary>
/// The lots of one cell and what each act makes of them: pure, on what was read. First expired, first out; those without a
/// date after those with one, ties by when they came, then by code. What the cell holds beyond its lots is its unnamed
/// rest. Always: the lots' on hand together ≤ the cell's.
/// </summary>
internal sealed class LotShelf(StockCellState cell, IEnumerable<StockLot> read)
{
    private readonly Dictionary<LotId, StockLot> before = read.ToDictionary(lot => lot.Id);
    private readonly Dictionary<LotId, StockLot> after = read.ToDictionary(lot => lot.Id);

    public IEnumerable<StockLot> InOrder => Order(after.Values);

    /// <summary>By how much the cell's held changes with its lots.</summary>
    private int HeldDelta => after.Values.Sum(lot => lot.Held) - before.Values.Sum(lot => lot.Held);

    /// <summary>Units of the unnamed rest that may be picked.</summary>
    private int RestFree
    {
        get
        {
            var onHand = cell.OnHand - after.Values.Sum(lot => (long)lot.OnHand);
            var picked = Math.Max(0, cell.Picked - after.Values.Sum(lot => (long)lot.Picked));
            var held = Math.Max(0, cell.Held - after.Values.Sum(lot => (long)lot.Held));
            return (int)Math.Max(0, onHand - picked - held);
        }
    }

    public static IEnumerable<StockLot> Order(IEnumerable<StockLot> lots) =>
        lots.OrderBy(lot => lot.ExpiresOn ?? DateOnly.MaxValue).ThenBy(lot => lot.ReceivedAt).ThenBy(lot => lot.Code, StringComparer.Ordinal);

    /// <summary>What units would be picked, first expired first.</summary>
    public static List<(StockLot Lot, int Units)> First(IEnumerable<StockLot> lots, int units, DateTimeOffset now, DateTimeOffset dueAt)
    {
        List<(StockLot, int)> taken = [];
        foreach (var lot in Order(lots).Where(lot => lot.Serves(now, dueAt)))
        {
            var some = Math.Min(units, lot.Free);
            if (some > 0)
                taken.Add((lot, some));
            units -= some;
        }

        return taken;
    }

    /// <summary>Those that an act has changed, as they were and as they are; opened ones were nothing.</summary>
    public IEnumerable<(StockLot? Before, StockLot After)> Changes =>
        after.Values.Where(lot => before.GetValueOrDefault(lot.Id) != lot).Select(lot => (before.GetValueOrDefault(lot.Id), lot));

    public StockLot? Find(string code) => after.Values.FirstOrDefault(lot => lot.Code == code);

    public StockLot? Find(LotId id) => after.GetValueOrDefault(id);

    /// <summary>The lot as it was read.</summary>
    public StockLot? Was(LotId id) => before.GetValueOrDefault(id);

    public void Put(StockLot lot) => after[lot.Id] = lot;

    /// <summary>Units go into a tote. Gives the lots they are of, and of each how many were taken out of turn; the rest is unnamed.</summary>
    public (List<(StockLot Lot, int Units, int PassedOver)> Taken, LotRefusal? Refusal) Pick(int units, string? code, bool isStrict, DateTimeOffset now, DateTimeOffset dueAt)
    {
        var next = First(after.Values, units, now, dueAt);
        if (code is not null)
        {
            var inTurn = next.Find(one => one.Lot.Code == code).Units;
            return Refuse(Find(code), code, units, now, dueAt) is { } refusal ? ([], refusal)
                : isStrict && inTurn < units ? ([], new LotRefusal(LotFault.NotNext, $"This item goes in the order it expires: take lot {string.Join(", ", next.Select(one => $"{one.Lot.Code} ({one.Units})"))} first.", inTurn))
                : (Take([(Find(code)!, units, units - inTurn)]), null); // Refused above when it is not there.
        }

        var named = next.Sum(one => one.Units);
        var isHeldBack = after.Values.Any(lot => lot.Shelf > 0 && !lot.Serves(now, dueAt));
        return isHeldBack && units > named + RestFree
            ? ([], new LotRefusal(LotFault.NoneGood, $"Of what lies here {named + RestFree} may go to this customer; the rest is held, has expired or would not last. Pick so many, and say of the others that they are not on the shelf.", named + RestFree))
            : (Take([.. next.Select(one => (one.Lot, one.Units, 0))]), null);

        List<(StockLot, int, int)> Take(List<(StockLot Lot, int Units, int)> taken)
        {
            foreach (var (lot, some, _) in taken)
                Put(lot with { Picked = lot.Picked + some });
            return taken;
        }
    }

    /// <summary>Units went back from the tote to the shelf, or left with it.</summary>
    public void Unpick(LotId id, int units, bool isShipped)
    {
        var lot = after[id];
        Put(lot with { Picked = Math.Max(0, lot.Picked - units), OnHand = isShipped ? Math.Max(0, lot.OnHand - units) : lot.OnHand });
    }

    public void Return(LotId id, int units, bool isRestocked)
    {
        var lot = after[id];
        Put(lot with { OnHand = lot.OnHand + units, Returned = lot.Returned + (isRestocked ? 0 : units) });
    }

    /// <summary>Units that came back are graded: they may be sold as far as the lot may, or they leave the shelf. Gives how many leave.</summary>
    public int Grade(string code, int units, bool isRestocked)
    {
        if (Find(code) is not { } lot)
            return 0;

        var gone = isRestocked ? 0 : Math.Min(units, lot.Shelf);
        var left = lot with { OnHand = lot.OnHand - gone };
        Put(left with { Returned = Math.Min(Math.Max(0, lot.Returned - units), left.Shelf) });
        return gone;
    }

    /// <summary>A picker did not find units that were to be picked. What is held or too old was not looked for and stays. Gives how many are gone.</summary>
    public int WriteOff(int units, DateTimeOffset now, DateTimeOffset dueAt)
    {
        var isHeldBack = after.Values.Any(lot => lot.Shelf > 0 && !lot.Serves(now, dueAt));
        var rest = RestFree;
        var left = units;
        foreach (var (lot, some) in First(after.Values, units, now, dueAt))
        {
            Put(lot with { OnHand = lot.OnHand - some });
            left -= some;
        }

        return isHeldBack ? units - left + Math.Min(left, rest) : units;
    }

    /// <summary>Free units leave for another location: those named, or those that expire first and then of the rest.</summary>
    public (List<LotLine> Sent, LotRefusal? Refusal) Send(int units, IReadOnlyList<LotLine> named, DateTimeOffset now)
    {
        foreach (var line in named)
        {
            if (Refuse(Find(line.Code), line.Code, line.Quantity, now, now) is { } refusal)
                return ([], refusal);
        }

        List<(StockLot Lot, int Units)> taken = [.. named.Select(line => (Find(line.Code)!, line.Quantity))]; // Refused above when it is not there.
        if (named.Count == 0)
            taken.AddRange(First(after.Values, units, now, now));
        if (units - taken.Sum(one => one.Units) is var unnamed && unnamed > RestFree)
            return ([], new LotRefusal(LotFault.TooFew, $"{unnamed} units would go without a lot, and only {RestFree} of what may go from here have none. Name the lots that go.", RestFree));

        foreach (var (lot, some) in taken)
            Put(lot with { OnHand = lot.OnHand - some });
        return ([.. taken.Select(one => new LotLine(one.Lot.Code, one.Lot.ExpiresOn, one.Units))], null);
    }

    /// <summary>The cell as an act leaves it, with what its lots make of that.</summary>
    public StockCellState Settle(StockCellState cellAfter)
    {
        Trim(cellAfter.OnHand);
        return cellAfter with { Held = cellAfter.Held + HeldDelta, HasLots = cellAfter.HasLots || after.Count > 0 };
    }

    /// <summary>
    /// The cell has come to hold less than its lots say: nobody said of which, so it goes from what has expired, then from what
    /// expires first, then from what is held, and at last from what is in totes.
    /// </summary>
    private void Trim(int onHand)
    {
        var excess = after.Values.Sum(lot => (long)lot.OnHand) - onHand;
        if (excess <= 0)
            return;

        foreach (var lot in InOrder.OrderBy(lot => lot.HoldReason is not null ? 2 : lot.IsPast ? 0 : 1).ToList())
            excess -= Less(lot, (int)Math.Min(excess, lot.Shelf));
        foreach (var lot in InOrder.ToList())
            excess -= Less(lot, (int)Math.Min(excess, lot.OnHand));

        int Less(StockLot lot, int units)
        {
            var left = lot with { OnHand = lot.OnHand - units };
            if (units > 0)
                Put(left with { Returned = Math.Min(left.Returned, left.Shelf) });
            return units;
        }
    }

    private static LotRefusal? Refuse(StockLot? lot, string code, int units, DateTimeOffset now, DateTimeOffset dueAt) => lot switch
    {
        null or { OnHand: 0 } => new LotRefusal(LotFault.Unknown, $"The book has no lot {code} of it here. Look at the pack again, or enter the lot with a count.", 0),
        { HoldReason: { } reason } => new LotRefusal(LotFault.Held, $"Lot {code} is held ({reason.ToString().ToLowerInvariant()}). Leave it where it is and take another.", 0),
        _ when !lot.Serves(now, now) => new LotRefusal(LotFault.Expired, $"Lot {code} is past its last day of sale. Leave it where it is and take another.", 0),
        _ when !lot.Serves(now, dueAt) => new LotRefusal(LotFault.Expired, $"Lot {code} would have too few days left when the customer gets it. Take another.", 0),
        _ => lot.Free < units ? new LotRefusal(LotFault.TooFew, $"Of lot {code} the book has {lot.Free} to pick.", lot.Free) : null,
    };
}
