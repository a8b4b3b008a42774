using System.Globalization;
using Caravan.Engines.Edi;
using Caravan.Fulfilment;
using Caravan.Fulfilment.Releases;
using Caravan.Orders;
using Caravan.Platform.Storage;

namespace Caravan.Edi;

/// <summary>
/// Tells a node that a trading partner runs what it is to ship, and what of that has changed or was called off: by 940 or, where
/// the partner sells to us, by 850 or ORDERS. Every word is compared with the last one, so that nothing is said twice.
/// </summary>
internal sealed class NodeOrders(OrderDesk orders, PickFloor floor, ReleaseDesk releases)
{
    private const int AddressLine = 55;
    private const int NameMax = 50;
    private const int X12NumberMax = 22;

    /// <summary>Says how a pick list stands now.</summary>
    public async Task TellAsync(Tx tx, TradingPartner node, FulfilmentId id)
    {
        if (await floor.FindAsync(tx, node.Tenant, id) is not { } list
            || list.Location != node.Settings.Warehouse
            || await orders.FulfilmentAsync(tx, list.Seller, id) is not var (order, _))
        {
            return;
        }

        var told = await EdiStore.ReleaseAsync(tx, node.Tenant, id);
        var units = list.Lines.Select(line => line.Wanted).ToList();
        var isOff = units.All(wanted => wanted == 0);
        if (told is null ? isOff : told.Units.SequenceEqual(units) || !(isOff || list.IsOpen) || await HasDeclinedAsync(tx, node, id))
            return;

        var number = told?.Number ?? await NextNumberAsync(tx, node);
        await EdiStore.TellReleaseAsync(tx, node, id, number, units);

        // What is called off is named as it was told.
        var said = (isOff ? told!.Units : units).Zip(list.Lines, (Wanted, Line) => (Wanted, Line)).Index().Where(one => one.Item.Wanted > 0).Select(one => (Number: one.Index + 1, one.Item.Wanted, one.Item.Line)); // Told before, else it would have ended above.
        var turn = told is null ? Turn.New : isOff ? Turn.Off : Turn.Changed;
        var syntax = node.Settings.SpeaksEdifact && node.Settings.WarehouseBy == WarehouseDocument.PurchaseOrder ? EdiSyntax.Edifact : EdiSyntax.X12;
        EdiContent content = node.Settings.WarehouseBy == WarehouseDocument.ShippingOrder
            ? ShippingOrder(number, turn, order, list, said)
            : Purchase(number, turn, order, list, said, node, syntax, EdiReplies.DateOf(tx.Now));
        await EdiReplies.SendAsync(tx, node, syntax, [content]);
    }

    // Who has said no need not be told that it was called off.
    private async Task<bool> HasDeclinedAsync(Tx tx, TradingPartner node, FulfilmentId id) =>
        await releases.FindAsync(tx, node.Tenant, id) is { State: ReleaseState.Declined };

    // X12 W0502 and BEG03 have 22 characters, which our ids have not: what a node is told has a number of its own.
    private static async Task<string> NextNumberAsync(Tx tx, TradingPartner node) => $"F{(await EdiStore.NextControlAsync(tx, node)).ToString("000000000", CultureInfo.InvariantCulture)}";

    private static WarehouseOrder ShippingOrder(string number, Turn turn, Order order, PickList list, IEnumerable<(int Number, int Wanted, PickLine Line)> lines) => new()
    {
        // X12 element 473: original, change, cancel.
        Purpose = turn switch { Turn.New => "N", Turn.Changed => "R", _ => "F" },
        Number = number,
        PurchaseOrder = order.Number.Length <= X12NumberMax ? order.Number : null,
        Parties = [ShipTo("ST", order)],
        Dates = [new TradeDate("10", EdiReplies.DateOf(list.ReadyAt))],
        Lines = [.. lines.Select(one => new WarehouseLine
        {
            Line = NumberOf(one.Number),
            Quantity = one.Wanted,
            Unit = "EA",
            Items = Codes("VN", "UK", one.Line),
            Description = one.Line.Name,
        })],
    };

    private static PurchaseOrder Purchase(string number, Turn turn, Order order, PickList list, IEnumerable<(int Number, int Wanted, PickLine Line)> lines, TradingPartner node, EdiSyntax syntax, EdiDate now)
    {
        var isX12 = syntax == EdiSyntax.X12;
        return new PurchaseOrder
        {
            // X12 element 353 and EDIFACT 1225: original, replace, cancellation.
            Purpose = turn switch { Turn.New => isX12 ? "00" : "9", Turn.Changed => isX12 ? "05" : "5", _ => isX12 ? "01" : "1" },
            Kind = isX12 ? "DS" : "220", // Shipped to the customer; EDIFACT has no word for it.
            Number = number,
            Date = now,
            Dates = [new TradeDate(isX12 ? "010" : "10", EdiReplies.DateOf(list.ReadyAt))],
            Parties = [new TradeParty("BY") { IdQualifier = node.Own.Qualifier == "14" ? isX12 ? "UL" : "9" : "92", Id = node.Own.Id }, ShipTo(isX12 ? "ST" : "DP", order)],
            Lines = [.. lines.Select(one => new PurchaseLine
            {
                Line = NumberOf(one.Number),
                Quantity = one.Wanted,
                Unit = isX12 ? "EA" : "PCE",
                Items = isX12 ? Codes("BP", "UK", one.Line) : [.. Codes("IN", "SRV", one.Line).Reverse()],
                Description = one.Line.Name,
            })],
        };
    }

    private static TradeParty ShipTo(string role, Order order) => new(role)
    {
        Name = $"ORDER {(order.Number.Length <= NameMax ? order.Number : order.Number[..NameMax])}",
        Street = [.. order.Address.Chunk(AddressLine).Take(4).Select(part => new string(part))],
    };

    private static IReadOnlyList<ItemCode> Codes(string own, string gtin, PickLine line) =>
        line.Gtin is { } known ? [new ItemCode(own, line.Sku), new ItemCode(gtin, known)] : [new ItemCode(own, line.Sku)];

    private static string NumberOf(int line) => line.ToString(CultureInfo.InvariantCulture);

    private enum Turn
    {
        New,
        Changed,
        Off,
    }
}
