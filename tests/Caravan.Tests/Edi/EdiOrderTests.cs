using System.Text.Json;
using Caravan.Orders;
using Caravan.Tests.Fulfilment;
using Caravan.Tests.Orders;
using Caravan.Tests.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Edi;

/// <summary>Orders by 850 and ORDERS, and what is told of them: 855, ORDRSP, 856.</summary>
public sealed class EdiOrderTests
{
    [Fact]
    public async Task An_850_becomes_an_order_once_and_is_answered_by_855()
    {
        await using var world = await OrderWorld.StartAsync();
        await BuyerAsync(world);
        await world.ReceiveAsync("chain", "tea", "near", 30);
        var text = Order(1, "PO-1", "PO1*10*2*CA*12.5**VN*tea~");

        var taken = await EdiWorld.TakenAsync(world.Chain.Http, text);
        var (_, again) = await EdiWorld.SendAsync(world.Chain.Http, text);
        var other = await EdiWorld.TakenAsync(world.Chain.Http, Order(2, "PO-1", "PO1*10*1*EA***VN*tea~"));

        // Two cases of twelve.
        Assert.Equal("accepted", EdiWorld.StateOf(taken));
        var order = await OrderAsync(world, "PO-1");
        Assert.Equal(24, Assert.Single(order.Lines).Quantity);
        Assert.Contains("BAK*00*AD*PO-1*20261103", EdiWorld.AnswersOf(taken), StringComparison.Ordinal);
        Assert.Contains("PO1*10*2*CA*12.5**VN*tea~ACK*IA*2*CA*068*", EdiWorld.AnswersOf(taken), StringComparison.Ordinal);
        Assert.True(again.GetProperty("isRepeated").GetBoolean());
        Assert.Equal(EdiWorld.AnswersOf(taken), EdiWorld.AnswersOf(again.GetProperty("interchanges")[0]));
        Assert.Equal("rejected", EdiWorld.StateOf(other));
        Assert.Contains("TED*006*Order PO-1 came before", EdiWorld.AnswersOf(other), StringComparison.Ordinal);
        Assert.Equal(24, (await world.CellAsync("chain", "tea", "near"))!.Reserved);
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task An_order_that_was_placed_before_the_server_died_is_the_same_order()
    {
        await using var world = await OrderWorld.StartAsync();
        await BuyerAsync(world);
        await world.ReceiveAsync("chain", "tea", "near", 30);
        var text = Order(1, "PO-1", "PO1*10*1*EA***VN*tea~");
        var first = await EdiWorld.TakenAsync(world.Chain.Http, text);

        await world.Caravan.Store.WriteAsync(async tx =>
        {
            await tx.ExecuteAsync("UPDATE edi_interchanges SET state = 'Received' WHERE tenant = @Id AND is_out = 0", new { world.Chain.Id });
            await tx.ExecuteAsync("DELETE FROM edi_interchanges WHERE tenant = @Id AND is_out = 1", new { world.Chain.Id });
            await tx.ExecuteAsync("DELETE FROM edi_messages WHERE tenant = @Id", new { world.Chain.Id });
            await tx.ExecuteAsync("DELETE FROM edi_orders WHERE tenant = @Id", new { world.Chain.Id });
        }, TestCaravan.Cancel);
        var again = await EdiWorld.TakenAsync(world.Chain.Http, text);

        Assert.Equal("accepted", EdiWorld.StateOf(again));
        Assert.Equal(OrderOf(first), OrderOf(again));
        Assert.Contains("BAK*00*AD*PO-1", EdiWorld.AnswersOf(again), StringComparison.Ordinal);
        Assert.Equal(1, (await world.CellAsync("chain", "tea", "near"))!.Reserved);

        static string? OrderOf(JsonElement taken) => taken.GetProperty("messages")[0].GetProperty("order").GetString();
    }

    [Fact]
    public async Task What_cannot_be_had_is_answered_so_and_what_cannot_be_read_by_line()
    {
        await using var world = await OrderWorld.StartAsync();
        await BuyerAsync(world);

        var none = await EdiWorld.TakenAsync(world.Chain.Http, Order(1, "PO-1", "PO1*10*2*EA***VN*tea~"));
        var faulty = await EdiWorld.TakenAsync(world.Chain.Http, Order(2, "PO-2", "PO1*10*2*XX***VN*tea~PO1*20*1*EA***VN*nonsense~"));
        var elsewhere = await EdiWorld.TakenAsync(world.Chain.Http, Order(3, "PO-3", "PO1*10*2*EA***VN*tea~", shipTo: "UNKNOWN"));

        Assert.Contains("BAK*00*RD*PO-1", EdiWorld.AnswersOf(none), StringComparison.Ordinal);
        Assert.Contains("ACK*IR*2*EA~", EdiWorld.AnswersOf(none), StringComparison.Ordinal);
        Assert.Contains("OTI*IR*FJ*10~TED*848*Nobody has said how many one XX is", EdiWorld.AnswersOf(faulty), StringComparison.Ordinal);
        Assert.Contains("TED*007*Nobody has said where ship-to 'UNKNOWN' is", EdiWorld.AnswersOf(elsewhere), StringComparison.Ordinal);
        Assert.All((JsonElement[])[none, faulty, elsewhere], one => Assert.Equal("rejected", EdiWorld.StateOf(one)));
    }

    [Fact]
    public async Task An_ORDERS_is_answered_by_ORDRSP_in_the_same_standard()
    {
        await using var world = await OrderWorld.StartAsync();
        await EdiWorld.AddPartnerAsync(world.Chain.Http, new { name = "gs1", own = new { qualifier = "14", id = "4000004000002" }, theirs = new { qualifier = "14", id = "4012345500004" }, channel = "gs1", service = "sameDay", destinations = new[] { Place("4012345500011") } });
        await world.ReceiveAsync("chain", "tea", "near", 30);

        var taken = await EdiWorld.TakenAsync(world.Chain.Http, EdiWorld.Edifact("4012345500004", "4000004000002", "5", "ORDERS", "BGM+220+PO-9+9'DTM+137:20261103:102'NAD+BY+4012345500004::9'NAD+DP+4012345500011::9'LIN+1++02900000000018:EN'QTY+21:3:PCE'UNS+S'CNT+2:1'"));

        Assert.Equal("accepted", EdiWorld.StateOf(taken));
        Assert.Contains("BGM+231+ord_", EdiWorld.AnswersOf(taken), StringComparison.Ordinal);
        Assert.Contains("RFF+ON:PO-9'", EdiWorld.AnswersOf(taken), StringComparison.Ordinal);
        Assert.Contains("LIN+1+5+02900000000018:EN'QTY+21:3:PCE'", EdiWorld.AnswersOf(taken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_buyer_is_told_once_what_was_shipped_to_it()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        await BuyerAsync(world.Orders);
        await world.Orders.ReceiveAsync("chain", "tea", "near", 30);
        await EdiWorld.TakenAsync(world.Chain, Order(1, "PO-1", "PO1*10*1*CA***VN*tea~"));
        var list = await world.ListAsync(world.Chain, "PO-1");
        await FulfilmentWorld.ActAsync(world.Chain, list, "pick", new { line = 1, quantity = 12 });
        await FulfilmentWorld.ActAsync(world.Chain, list, "pack");

        await world.CarryAsync();
        var advice = await EdiWorld.SentAsync(world, world.Chain, "856");

        Assert.Contains("PRF*PO-1~", advice, StringComparison.Ordinal);
        Assert.Contains("LIN*10*VN*tea~SN1*10*1*CA**1~", advice, StringComparison.Ordinal);
        await world.Orders.AssertBooksAgreeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_buyer_is_told_which_numbered_box_holds_what(bool isX12)
    {
        await using var world = await FulfilmentWorld.StartAsync();
        await LabelTests.SetAsync(world.Chain, "7610425", extensionDigit: 3);
        await BuyerAsync(world.Orders);
        await world.Orders.ReceiveAsync("chain", "tea", "near", 1);
        await world.Orders.ReceiveAsync("chain", "milk", "near", 1);
        await EdiWorld.TakenAsync(world.Chain, isX12
            ? Order(1, "PO-1", "PO1*10*1*EA***VN*tea~PO1*20*1*EA***VN*milk~")
            : EdiWorld.Edifact("BUYER:ZZ", "CHAIN:ZZ", "5", "ORDERS", "BGM+220+PO-1+9'DTM+137:20261103:102'NAD+DP+SHOP-1::92'LIN+10++tea:SA'QTY+21:1:PCE'LIN+20++milk:SA'QTY+21:1:PCE'UNS+S'CNT+2:2'"));
        var list = await world.ListAsync(world.Chain, "PO-1");
        await FulfilmentWorld.ActAsync(world.Chain, list, "pick", new { line = 1, quantity = 1 });
        await FulfilmentWorld.ActAsync(world.Chain, list, "pick", new { line = 2, quantity = 1 });
        await FulfilmentWorld.ActAsync(world.Chain, list, "pack");

        await world.CarryAsync();
        var advice = await EdiWorld.SentAsync(world, world.Chain, isX12 ? "856" : "DESADV");

        Assert.Contains(isX12 ? "HL*3*2*P~MAN*GM*00376104250000000017~HL*4*3*I~LIN*10*" : "CPS+3+2'PAC+1++CT'PCI+33E'GIN+BJ+376104250000000017'CPS+4+3'LIN+10+", advice, StringComparison.Ordinal);
        Assert.Contains(isX12 ? "HL*5*2*P~MAN*GM*00376104250000000024~HL*6*5*I~LIN*20*" : "CPS+5+2'PAC+1++CT'PCI+33E'GIN+BJ+376104250000000024'CPS+6+5'LIN+20+", advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_997_says_what_became_of_ours()
    {
        await using var world = await OrderWorld.StartAsync();
        await BuyerAsync(world);
        await world.ReceiveAsync("chain", "tea", "near", 30);
        var taken = await EdiWorld.TakenAsync(world.Chain.Http, Order(1, "PO-1", "PO1*10*1*EA***VN*tea~"));
        var answer = taken.GetProperty("acknowledgements").EnumerateArray().Single(one => one.GetProperty("types").ToString().Contains("855", StringComparison.Ordinal));
        var control = answer.GetProperty("controlNumber").GetString()!.TrimStart('0');

        var word = await EdiWorld.TakenAsync(world.Chain.Http, EdiWorld.X12("BUYER", "CHAIN", 2, "997", "FA", $"AK1*PR*{control}~AK2*855*0001~AK5*A~AK9*A*1*1*1~"));

        Assert.Equal("", EdiWorld.AnswersOf(word));
        Assert.Equal("acknowledged", (await world.Chain.Http.FetchAsync($"/v1/edi/interchanges/{answer.GetProperty("id").GetString()}")).Body.GetProperty("interchange").GetProperty("state").GetString());
    }

    private static Task<JsonElement> BuyerAsync(OrderWorld world) => EdiWorld.AddPartnerAsync(world.Chain.Http, new
    {
        name = "buyer",
        own = new { qualifier = "ZZ", id = "CHAIN" },
        theirs = new { qualifier = "ZZ", id = "BUYER" },
        units = new Dictionary<string, int> { ["CA"] = 12 },
        service = "withinHour",
        sendsDespatch = true,
        destinations = new[] { Place("SHOP-1") },
    });

    private static object Place(string code) => new { code, latitude = OrderWorld.Customer.Latitude, longitude = OrderWorld.Customer.Longitude, address = "12 Lane of Lanterns" };

    private static string Order(int control, string number, string lines, string shipTo = "SHOP-1") =>
        EdiWorld.X12("BUYER", "CHAIN", control, "850", "PO", $"BEG*00*SA*{number}**20261103~N1*ST**92*{shipTo}~{lines}CTT*{lines.Split("PO1*").Length - 1}~");

    private static async Task<Order> OrderAsync(OrderWorld world, string number) =>
        await world.Caravan.Store.ReadAsync(db => world.Caravan.Services.GetRequiredService<OrderDesk>().FindAsync(db, world.Chain.Id, "edi", number), TestCaravan.Cancel)
        ?? throw new InvalidOperationException($"There is no order {number}.");
}
