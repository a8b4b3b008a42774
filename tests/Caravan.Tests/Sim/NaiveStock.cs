using System.Globalization;

namespace Caravan.Tests.Sim;

/// <summary>
/// The order desk and the ledger as one would write them in an afternoon: numbers in arrays, one command after the other. Two
/// items at two places. It does not choose where an order comes from; it says whether a choice was right.
/// </summary>
internal sealed class NaiveStock
{
    private sealed class Cell
    {
        public int OnHand, Reserved, Held, Buffer;

        public int Sellable => Math.Max(0, OnHand - Reserved - Held - Buffer);

        public int Shortfall => Math.Max(0, Reserved - Math.Max(0, OnHand - Held));
    }

    private readonly Cell[,] cells = { { new(), new() }, { new(), new() } };
    private readonly List<List<(int Item, int Place, int Open)>> orders = [];
    private readonly List<(int Item, int Place)> receipts = [];

    public int Orders => orders.Count;

    /// <summary>Every cell that there is, as <c>item place: on hand, reserved, held, sellable, short</c>.</summary>
    public string State => string.Join("; ", Enumerable.Range(0, 4)
        .Select(index => (Name: $"{index / 2}{index % 2}", Cell: cells[index / 2, index % 2]))
        .Where(one => (one.Cell.OnHand | one.Cell.Reserved | one.Cell.Held) != 0)
        .Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Name}: {one.Cell.OnHand},{one.Cell.Reserved},{one.Cell.Held},{one.Cell.Sellable},{one.Cell.Shortfall}")));

    /// <summary>Does a command, or follows what the stores say they did; says what must be said, or why what was said is wrong.</summary>
    public string Do(Act act, string said)
    {
        var cell = cells[act.Item, act.Place];
        switch (act.Kind)
        {
            case ActKind.Place:
                return Place(act, said);
            case ActKind.PlaceAgain:
                return orders.Count == 0 ? "none" : $"again {act.Order % orders.Count}";
            case ActKind.SameNumber:
                return orders.Count == 0 ? "none" : $"known {act.Order % orders.Count}";
            case ActKind.Receive:
                cell.OnHand += act.Quantity + 1;
                receipts.Add((act.Item, act.Place));
                return "received";
            case ActKind.ReceiveAgain:
                return receipts.Count == 0 ? "none" : "received";
            case ActKind.Count:
                cell.OnHand = act.Quantity;
                return "counted";
            case ActKind.Adjust:
                if (cell.OnHand + act.Quantity - 3 < 0)
                    return "impossible";
                cell.OnHand += act.Quantity - 3;
                return "adjusted";
            case ActKind.Snapshot:
                (cell.OnHand, cell.Buffer) = (act.Quantity + 1, Differential.Buffer);
                return "taken";
            case ActKind.Return:
                cell.OnHand += act.Quantity + 1;
                cell.Held += act.Second == 0 ? 0 : act.Quantity + 1;
                return "returned";
            default:
                return orders.Count == 0 ? "none" : Follow(act.Kind, orders[act.Order % orders.Count], said);
        }
    }

    // Sourced from anywhere, all of it or nothing, and refused only where there is too little.
    private string Place(Act act, string said)
    {
        List<(int Item, int Wanted)> lines = [(act.Item, act.Quantity + 1)];
        if (act.Second > 0)
            lines.Add((1 - act.Item, act.Second));
        if (lines.Exists(line => cells[line.Item, 0].Sellable + cells[line.Item, 1].Sellable < line.Wanted))
            return "refused OutOfStock";
        if (!said.StartsWith("placed ", StringComparison.Ordinal))
            return "placed from somewhere, for there was enough";

        List<(int Item, int Place, int Open)> takes = [.. said["placed ".Length..].Split(' ').Select(take => (take[0] - '0', take[1] - '0', int.Parse(take.AsSpan(3), CultureInfo.InvariantCulture)))];
        foreach (var (item, wanted) in lines)
        {
            if (takes.Where(take => take.Item == item).Sum(take => take.Open) != wanted)
                return $"placed {wanted} of item {item}";
        }

        foreach (var (item, place, taken) in takes)
        {
            if (cells[item, place].Sellable < taken)
                return $"placed with at most {cells[item, place].Sellable} of item {item} from place {place}";
            cells[item, place].Reserved += taken;
        }

        orders.Add(takes);
        return said;
    }

    private string Follow(ActKind kind, List<(int Item, int Place, int Open)> order, string said)
    {
        var open = order.Sum(take => take.Open);
        switch (kind)
        {
            case ActKind.Ship:
                for (var i = 0; i < order.Count; i++)
                {
                    var cell = cells[order[i].Item, order[i].Place];
                    cell.OnHand = Math.Max(0, cell.OnHand - order[i].Open);
                    Close(order, i, order[i].Open);
                }

                return "shipped";
            case ActKind.Cancel when open == 0:
                return said is "cancelled" or "too late" ? said : "nothing";
            case ActKind.Cancel:
                for (var i = 0; i < order.Count; i++)
                    Close(order, i, order[i].Open);
                return "cancelled";
            case ActKind.CancelSome:
                // One unit of the first line; the desk says from where.
                if (order.Count(take => take.Item == order[0].Item && take.Open > 0) > 1)
                    return "split";
                if (order.Where(take => take.Item == order[0].Item).Sum(take => take.Open) == 0)
                    return "too late";

                var given = order.FindIndex(take => said == $"cancelled {take.Item}{take.Place}" && take.Item == order[0].Item && take.Open > 0);
                if (given < 0)
                    return "cancelled a unit of the first line where it is reserved";
                Close(order, given, 1);
                return said;
            default:
                return Miss(order, said);
        }
    }

    // A picker does not find a unit; the other place gives it, if it can.
    private string Miss(List<(int Item, int Place, int Open)> order, string said)
    {
        if (order.TrueForAll(take => take.Open == 0))
            return "none";

        var missed = order.FindIndex(take => said.EndsWith($" {take.Item}{take.Place}", StringComparison.Ordinal) && take.Open > 0);
        if (missed < 0)
            return "short where a unit is reserved";

        var (item, place, _) = order[missed];
        cells[item, place].OnHand = Math.Max(0, cells[item, place].OnHand - 1);
        Close(order, missed, 1);
        if (cells[item, 1 - place].Sellable < 1)
            return $"short 0 {item}{place}";

        cells[item, 1 - place].Reserved++;
        var elsewhere = order.FindIndex(take => take.Item == item && take.Place == 1 - place);
        if (elsewhere >= 0)
            order[elsewhere] = (item, 1 - place, order[elsewhere].Open + 1);
        else
            order.Add((item, 1 - place, 1));
        return $"short 1 {item}{place}";
    }

    private void Close(List<(int Item, int Place, int Open)> order, int index, int units)
    {
        var (item, place, open) = order[index];
        cells[item, place].Reserved -= units;
        order[index] = (item, place, open - units);
    }
}
