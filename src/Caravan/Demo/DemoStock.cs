using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Caravan.Demo;

/// <summary>
/// What lies on which shelf: about 200 items in a store, 1,600 in a warehouse, 60 in a hosted shop, none in a station. Stores choose
/// by Zipf's law (Zipf and Mandelbrot: weight 1 / (rank + 20)), so that best sellers are nearly everywhere and slow ones are scattered.
/// An item lies only where its temperature class is kept and where the operator lists it. Rows are sorted by location, then item.
/// </summary>
internal static class DemoStock
{
    private const int RankOffset = 20;

    public static ImmutableArray<DemoStockRow> Generate(
        ImmutableArray<DemoLocation> locations, ImmutableArray<DemoItem> items, DemoRandom random)
    {
        var allowed = AllowedItems(locations, items);
        var targets = Targets(locations, allowed, random);
        var ticketsUpTo = TicketsUpTo(items.Length);
        var rows = new DemoStockRow[targets.Sum()];
        var rowCount = 0;
        var isHeld = new bool[items.Length];
        for (var locationIndex = 0; locationIndex < locations.Length; locationIndex++)
        {
            if (targets[locationIndex] == 0)
                continue;

            var location = locations[locationIndex];
            var isAllowed = allowed[(location.Operator, location.Temperatures)];
            if (location.Kind == DemoLocationKind.Warehouse)
                ChooseAllBut(isAllowed, isHeld, targets[locationIndex], random);
            else
                ChooseByZipf(location, items, isAllowed, isHeld, targets[locationIndex], ticketsUpTo, random);

            for (var item = 0; item < items.Length; item++)
            {
                if (isHeld[item])
                    rows[rowCount++] = new((ushort)locationIndex, (ushort)item, Quantity(location, items[item], item, random));
            }
        }

        Debug.Assert(rowCount == rows.Length, "Every location holds as many items as it was to.");
        return ImmutableCollectionsMarshal.AsImmutableArray(rows);
    }

    /// <summary>Which items may lie where: few operators keep few sets of classes, so it is worked out once for each pair.</summary>
    private static Dictionary<(DemoParty Operator, DemoTemperatures Temperatures), bool[]> AllowedItems(
        ImmutableArray<DemoLocation> locations, ImmutableArray<DemoItem> items)
    {
        var allowed = new Dictionary<(DemoParty Operator, DemoTemperatures Temperatures), bool[]>();
        foreach (var location in locations)
        {
            var key = (location.Operator, location.Temperatures);
            if (allowed.ContainsKey(key))
                continue;

            var isAllowed = new bool[items.Length];
            for (var item = 0; item < items.Length; item++)
                isAllowed[item] = (key.Temperatures & items[item].Temperature) != 0 && items[item].SkuOf(key.Operator) is not null;
            allowed.Add(key, isAllowed);
        }

        return allowed;
    }

    /// <summary>How many items each location holds; never more than it may.</summary>
    private static int[] Targets(
        ImmutableArray<DemoLocation> locations,
        Dictionary<(DemoParty Operator, DemoTemperatures Temperatures), bool[]> allowed,
        DemoRandom random)
    {
        var targets = new int[locations.Length];
        for (var index = 0; index < locations.Length; index++)
        {
            var location = locations[index];
            targets[index] = (location.Kind, location.HostCode) switch
            {
                (DemoLocationKind.Warehouse, _) => Math.Min(
                    random.Between(1_570, 1_630), allowed[(location.Operator, location.Temperatures)].AsSpan().Count(true)),
                (DemoLocationKind.Store, null) => random.Between(180, 220),
                (DemoLocationKind.Store, _) => random.Between(50, 70),
                _ => 0,
            };
        }

        return targets;
    }

    /// <summary>Running totals of the items' weights: item i wins the tickets from the total before it up to its own.</summary>
    private static int[] TicketsUpTo(int itemCount)
    {
        var totals = new int[itemCount];
        var total = 0;
        for (var rank = 0; rank < itemCount; rank++)
        {
            total += 10_000_000 / (rank + 1 + RankOffset);
            totals[rank] = total;
        }

        return totals;
    }

    /// <summary>A warehouse holds all it may, but for a few of the slower half.</summary>
    private static void ChooseAllBut(bool[] isAllowed, bool[] isHeld, int target, DemoRandom random)
    {
        isAllowed.CopyTo(isHeld, 0);
        var tooMany = isHeld.AsSpan().Count(true) - target;
        Debug.Assert(tooMany < isHeld.AsSpan(isHeld.Length / 2).Count(true), "The slower half holds enough to leave out.");
        while (tooMany > 0)
        {
            var item = random.Between(isHeld.Length / 2, isHeld.Length - 1);
            if (!isHeld[item])
                continue;
            isHeld[item] = false;
            tooMany--;
        }
    }

    private static void ChooseByZipf(
        DemoLocation location,
        ImmutableArray<DemoItem> items,
        bool[] isAllowed,
        bool[] isHeld,
        int target,
        int[] ticketsUpTo,
        DemoRandom random)
    {
        Debug.Assert(isAllowed.AsSpan().Count(true) > target * 2, "Draws that hit nothing new stay rare.");
        Array.Clear(isHeld);
        var left = target;

        // A pharmacy counter is there for its medicines, however slowly they sell.
        var medicinesLeft = location.Temperatures.HasFlag(DemoTemperatures.Medicine) ? 20 : 0;
        while (medicinesLeft > 0)
        {
            var item = random.Below(items.Length);
            if (items[item].Temperature != DemoTemperatures.Medicine || !isAllowed[item] || isHeld[item])
                continue;
            isHeld[item] = true;
            medicinesLeft--;
            left--;
        }

        while (left > 0)
        {
            // BinarySearch finds the ticket's owner: the first total above the ticket.
            var found = Array.BinarySearch(ticketsUpTo, random.Below(ticketsUpTo[^1]));
            var item = found < 0 ? ~found : found + 1;
            if (!isAllowed[item] || isHeld[item])
                continue;
            isHeld[item] = true;
            left--;
        }
    }

    /// <summary>Best sellers lie deep; medicines lie thin.</summary>
    private static int Quantity(DemoLocation location, DemoItem item, int rank, DemoRandom random)
    {
        var usual = (location.Kind, location.HostCode) switch
        {
            (DemoLocationKind.Warehouse, _) => 60 + (900 * 200 / (rank + 200)),
            (_, null) => 6 + (50 * 100 / (rank + 100)),
            _ => 4 + (16 * 100 / (rank + 100)),
        };
        if (item.Temperature == DemoTemperatures.Medicine)
            usual = (usual / 3) + 1;
        return random.Between((usual / 2) + 1, usual + (usual / 2));
    }
}
