using System.Text.Json;
using Caravan.Orders;
using Caravan.Tests.Fulfilment;
using Caravan.Tests.Platform;

namespace Caravan.Tests.Edi;

/// <summary>Nodes that trading partners run: told by 940, 850 or ORDERS, heard by 945, 855 and ORDRSP, 856 and DESADV.</summary>
public sealed class EdiNodeTests
{
    [Fact]
    public async Task A_warehouse_is_told_by_940_and_what_it_says_by_945_is_picked_and_packed()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        await EdiWorld.AddPartnerAsync(world.Chain, new { name = "3pl", own = new { qualifier = "ZZ", id = "CHAIN" }, theirs = new { qualifier = "ZZ", id = "WAREHOUSE" }, warehouse = world.Node("near") });
        await world.Orders.ReceiveAsync("chain", "tea", "near", 3);
        await world.Orders.PlaceAsync("1", lines: FulfilmentWorld.Line("tea", 3));
        await world.ListAsync(world.Chain, "1");

        var told = await EdiWorld.SentAsync(world, world.Chain, "940");
        var number = told.Split("W05*N*")[1].Split(['*', '~'])[0];
        var wrong = await EdiWorld.TakenAsync(world.Chain, Shipped(1, number, "W12*CC*9*9*0*EA**VN*tea~"));
        var unknown = await EdiWorld.TakenAsync(world.Chain, Shipped(2, "F999", "W12*CC*3*3*0*EA**VN*tea~"));
        var taken = await EdiWorld.TakenAsync(world.Chain, Shipped(3, number, "W12*CP*3*2*1*EA**VN*tea~"));

        // Two of three were there; the third is nowhere else.
        Assert.Contains("W01*3*EA**VN*tea*UK*02900000000018~", told, StringComparison.Ordinal);
        Assert.Equal(("rejected", "rejected", "accepted"), (EdiWorld.StateOf(wrong), EdiWorld.StateOf(unknown), EdiWorld.StateOf(taken)));
        var order = await world.OrderAsync("1");
        Assert.Equal((2, 1), (order.UnitsOf(1, LineStatus.Packed), order.UnitsOf(1, LineStatus.Short)));
        await world.Orders.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task What_changes_or_is_called_off_is_told_once_under_the_same_number()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        await NodeAsync(world.Chain, world.Node("near"));
        await world.Orders.ReceiveAsync("chain", "tea", "near", 5);
        await world.Orders.PlaceAsync("1", lines: FulfilmentWorld.Line("tea", 3));
        var number = NumberOf(await EdiWorld.SentAsync(world, world.Chain, "940"), "W05*N*");
        var order = (await world.OrderAsync("1")).Id;

        Assert.Equal(200, (await world.Chain.SubmitAsync($"/v1/orders/{order}:cancel", new { lines = new[] { new { line = 1, quantity = 1 } } })).Status);
        var changed = await EdiWorld.SentAsync(world, world.Chain, "940", count: 2);
        Assert.Equal(200, (await world.Chain.SubmitAsync($"/v1/orders/{order}:cancel", new { })).Status);
        var off = await EdiWorld.SentAsync(world, world.Chain, "940", count: 3);

        Assert.Contains($"W05*R*{number}*1~", changed, StringComparison.Ordinal);
        Assert.Contains("W01*2*EA**VN*tea*", changed, StringComparison.Ordinal);
        Assert.Contains($"W05*F*{number}*1~", off, StringComparison.Ordinal);
        Assert.Contains("W01*2*EA**VN*tea*", off, StringComparison.Ordinal);
        var late = await EdiWorld.TakenAsync(world.Chain, Shipped(1, number, "W12*CC*2*2*0*EA**VN*tea~"));
        Assert.Equal("rejected", EdiWorld.StateOf(late));
        await world.Orders.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task Anothers_order_is_told_to_whoever_runs_the_warehouse_for_its_operator()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        await NodeAsync(world.Logistics, world.Node("warehouse"));
        await world.Orders.ReceiveAsync("logistics", "tea", "warehouse", 5);
        await world.Orders.PlaceAsync("1", "nextDay", FulfilmentWorld.Line("tea", 2));

        var told = await EdiWorld.SentAsync(world, world.Logistics, "940");
        var taken = await EdiWorld.TakenAsync(world.Logistics, Shipped(1, NumberOf(told, "W05*N*"), "W12*CC*2*2*0*EA**VN*tea~"));

        Assert.Equal("accepted", EdiWorld.StateOf(taken));
        Assert.Equal(2, (await world.OrderAsync("1")).UnitsOf(1, LineStatus.Packed));
        Assert.Equal(0, (await world.Chain.FetchAsync("/v1/edi/interchanges")).Body.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task A_supplier_is_told_by_850_says_by_855_how_much_and_by_856_that_it_was_shipped()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        await NodeAsync(world.Chain, world.Node("near"), "purchaseOrder");
        await world.Orders.ReceiveAsync("chain", "tea", "near", 3);
        await world.Orders.ReceiveAsync("chain", "apples", "near", 1);
        await world.Orders.PlaceAsync("1", lines: [FulfilmentWorld.Line("tea", 3), FulfilmentWorld.Line("apples", 1)]);

        var told = await EdiWorld.SentAsync(world, world.Chain, "850");
        var number = NumberOf(told, "BEG*00*DS*");
        var tooMuch = await EdiWorld.TakenAsync(world.Chain, Answer(1, number, "PO1*1*9*EA***BP*tea~ACK*IR*9*EA~PO1*2*1*EA***BP*apples~ACK*IA*1*EA~"));
        var said = await EdiWorld.TakenAsync(world.Chain, Answer(2, number, "PO1*1*3*EA***BP*tea~ACK*IA*2*EA~ACK*IR*1*EA~PO1*2*1*EA***BP*apples~ACK*IA*1*EA~"));
        var shipped = await EdiWorld.TakenAsync(world.Chain, EdiWorld.X12("NODE", "CHAIN", 3, "856", "SH", $"BSN*00*S1*20261103*0155~HL*1**S~HL*2*1*O~PRF*{number}~HL*3*2*I~LIN*1*BP*tea~SN1*1*2*EA~HL*4*2*I~LIN*2*UK*02900000000025~SN1*2*1*EA~CTT*4~"));
        var ofOthers = await EdiWorld.TakenAsync(world.Chain, EdiWorld.X12("NODE", "CHAIN", 4, "856", "SH", "BSN*00*S2*20261103*0155~HL*1**S~HL*2*1*O~PRF*OTHER~HL*3*2*I~LIN*1*BP*tea~SN1*1*2*EA~CTT*3~"));

        Assert.Contains("N1*BY**92*CHAIN~N1*ST*ORDER 1~N3*12 Lane of Lanterns~PO1*1*3*EA***BP*tea*UK*02900000000018~", told, StringComparison.Ordinal);
        Assert.Equal(["rejected", "accepted", "accepted", "accepted"], new[] { tooMuch, said, shipped, ofOthers }.Select(EdiWorld.StateOf));
        Assert.Equal("noted", ofOthers.GetProperty("messages")[0].GetProperty("state").GetString());
        var order = await world.OrderAsync("1");
        Assert.Equal((2, 1, 1), (order.UnitsOf(1, LineStatus.Packed), order.UnitsOf(1, LineStatus.Short), order.UnitsOf(2, LineStatus.Packed)));
        await world.Orders.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_supplier_that_rejects_by_ORDRSP_loses_the_goods_to_the_next_and_one_that_accepts_has_said_yes()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        await NodeAsync(world.Chain, world.Node("near"), "purchaseOrder", speaksEdifact: true);
        Assert.Equal(200, (await world.Chain.ReplaceAsync($"/v1/locations/{world.Node("near")}/release-rule", new { acknowledgeWithinMinutes = 5 })).Status);
        await world.Orders.ReceiveAsync("chain", "tea", "near", 5);
        await world.Orders.ReceiveAsync("chain", "tea", "mid", 5);
        await world.Orders.PlaceAsync("1", lines: FulfilmentWorld.Line("tea", 2));
        var first = NumberOf(await EdiWorld.SentAsync(world, world.Chain, "ORDERS"), "BGM+220+");
        await world.Orders.PlaceAsync("2", lines: FulfilmentWorld.Line("tea", 1));
        var told = await EdiWorld.SentAsync(world, world.Chain, "ORDERS", count: 2);

        var no = await EdiWorld.TakenAsync(world.Chain, Edifact("5", "ORDRSP", $"BGM+231+A1+27'DTM+137:20261103:102'RFF+ON:{first}'LIN+1+7+tea:IN'QTY+21:2:PCE'UNS+S'"));
        var yes = await EdiWorld.TakenAsync(world.Chain, Edifact("6", "ORDRSP", $"BGM+231+A2+29'DTM+137:20261103:102'RFF+ON:{NumberOf(told, "BGM+220+")}'LIN+1+5+tea:IN'QTY+21:1:PCE'UNS+S'"));
        await world.ListAsync(world.Chain, "1", location: "mid");
        world.Caravan.Clock.Advance(TimeSpan.FromMinutes(6));
        var kept = await world.ListAsync(world.Chain, "2", location: "near");
        var shipped = await EdiWorld.TakenAsync(world.Chain, Edifact("7", "DESADV", $"BGM+351+D1+9'DTM+137:20261103:102'RFF+ON:{NumberOf(told, "BGM+220+")}'CPS+1'LIN+1++tea:IN'QTY+12:1:PCE'"));

        Assert.Contains("NAD+BY+CHAIN::92'NAD+DP+++ORDER 2+12 Lane of Lanterns'LIN+1++", told, StringComparison.Ordinal);
        Assert.Equal(["accepted", "accepted", "accepted"], new[] { no, yes, shipped }.Select(EdiWorld.StateOf));
        Assert.Equal("acknowledged", (await world.Chain.FetchAsync($"{FulfilmentWorld.PathOf(kept)}/release")).Body.GetProperty("state").GetString());
        Assert.Equal(1, (await world.OrderAsync("2")).UnitsOf(1, LineStatus.Packed));
        var sent = (await world.Chain.FetchAsync("/v1/edi/interchanges?direction=out")).Body.GetProperty("items").EnumerateArray().Count(one => one.GetProperty("types").ToString().Contains("ORDERS", StringComparison.Ordinal));
        Assert.Equal(2, sent); // Who has said no is not told that it was called off.
        await world.Orders.AssertBooksAgreeAsync();
    }

    private static Task NodeAsync(HttpClient http, string warehouse, string warehouseBy = "shippingOrder", bool speaksEdifact = false) => EdiWorld.AddPartnerAsync(http, new
    {
        name = "node",
        own = new { qualifier = "ZZ", id = "CHAIN" },
        theirs = new { qualifier = "ZZ", id = speaksEdifact || warehouseBy == "purchaseOrder" ? "NODE" : "WAREHOUSE" },
        warehouse,
        warehouseBy,
        speaksEdifact,
    });

    private static string NumberOf(string told, string before) => told.Split(before)[1].Split(['*', '~', '+'])[0];

    private static string Answer(int control, string number, string lines) =>
        EdiWorld.X12("NODE", "CHAIN", control, "855", "PR", $"BAK*00*AC*{number}*20261103****A{control}*20261103~{lines}CTT*{lines.Split("PO1*").Length - 1}~");

    private static string Edifact(string control, string type, string body) => EdiWorld.Edifact("NODE:ZZ", "CHAIN:ZZ", control, type, body).Replace(":ZZ:14", ":ZZ", StringComparison.Ordinal);

    private static string Shipped(int control, string number, string lines) =>
        EdiWorld.X12("WAREHOUSE", "CHAIN", control, "945", "SW", $"W06*F*{number}*20261103~LX*1~{lines}W03*1~");
}
