using System.Text;
using Caravan.Edi;
using Caravan.Tests.Platform;
using Caravan.Tests.Stock;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Edi;

/// <summary>Partners' stock by 846 and INVRPT.</summary>
public sealed class EdiStockTests
{
    private const string Two = "BIA*00*MB*STK-1*20261103*0155~N1*WH**92*S1~LIN*1*VN*A00~QTY*17*850*EA~LIN*2*VN*A01~QTY*17*20*CA~CTT*2~";

    [Fact]
    public async Task A_report_of_what_lies_there_is_a_snapshot_of_its_places()
    {
        await using var world = await StartAsync();
        await EdiWorld.TakenAsync(world.Http, Stock(1, Two));

        var taken = await EdiWorld.TakenAsync(world.Http, Stock(2, "BIA*00*MB*STK-2*20261103*0156~N1*WH**92*S1~LIN*1*VN*A00~QTY*17*800*EA~CTT*1~"));

        // A case is twelve; what the second report leaves out of S1 is not there any more.
        Assert.Equal("accepted", EdiWorld.StateOf(taken));
        Assert.Equal((800, 0), (await world.OnHandAsync("A00", "S1"), await world.OnHandAsync("A01", "S1")));
        Assert.Contains("AK5*A~AK9*A*1*1*1~", EdiWorld.AnswersOf(taken), StringComparison.Ordinal);
        Assert.Empty(await world.AuditAsync());
    }

    [Fact]
    public async Task Cases_are_counted_in_units_and_a_unit_that_nobody_has_told_of_is_refused_by_line()
    {
        await using var world = await StartAsync();
        await EdiWorld.TakenAsync(world.Http, Stock(1, Two));

        var taken = await EdiWorld.TakenAsync(world.Http, Stock(2, Two.Replace("850*EA", "900*EA", StringComparison.Ordinal).Replace("20*CA", "7*PL", StringComparison.Ordinal).Replace("0155~N1", "0156~N1", StringComparison.Ordinal)));

        // The line that was not understood leaves its cell as it was: 20 cases of 12.
        Assert.Equal("partly", EdiWorld.StateOf(taken));
        Assert.Equal((900, 240), (await world.OnHandAsync("A00", "S1"), await world.OnHandAsync("A01", "S1")));
        Assert.Contains("OTI*TP*TN*STK-1", EdiWorld.AnswersOf(taken), StringComparison.Ordinal);
        Assert.Contains("OTI*IR*FJ*2~TED*848*Nobody has said how many one PL is", EdiWorld.AnswersOf(taken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repeated_interchange_is_answered_again_and_not_applied_twice()
    {
        await using var world = await StartAsync();
        var movement = Stock(1, "BIA*04*MB*STK-1*20261103*0155~N1*WH**92*S1~LIN*1*VN*A00~QTY*48*5*EA~CTT*1~");
        await EdiWorld.TakenAsync(world.Http, movement);

        var (status, again) = await EdiWorld.SendAsync(world.Http, movement);
        var other = await EdiWorld.TakenAsync(world.Http, movement.Replace("*48*5*", "*48*6*", StringComparison.Ordinal));

        Assert.Equal((200, true), (status, again.GetProperty("isRepeated").GetBoolean()));
        Assert.Contains("AK5*A~", EdiWorld.AnswersOf(again.GetProperty("interchanges")[0]), StringComparison.Ordinal);
        Assert.Equal("rejected", EdiWorld.StateOf(other));
        Assert.Contains("TA1*000000001*261103*0155*R*025~", EdiWorld.AnswersOf(other), StringComparison.Ordinal);
        Assert.Equal(5, await world.OnHandAsync("A00", "S1"));
    }

    [Fact]
    public async Task What_a_server_died_over_is_gone_on_with_and_not_applied_twice()
    {
        await using var world = await StartAsync();
        var movement = Stock(1, "BIA*04*MB*STK-1*20261103*0155~N1*WH**92*S1~LIN*1*VN*A00~QTY*48*5*EA~CTT*1~");
        await EdiWorld.TakenAsync(world.Http, movement);

        // It died after the effect and before the answer was written.
        await world.WriteAsync(async tx =>
        {
            await tx.ExecuteAsync("UPDATE edi_interchanges SET state = 'Received' WHERE tenant = @Owner AND is_out = 0", new { world.Owner });
            await tx.ExecuteAsync("DELETE FROM edi_interchanges WHERE tenant = @Owner AND is_out = 1", new { world.Owner });
        });
        var taken = await EdiWorld.TakenAsync(world.Http, movement);

        Assert.Equal("accepted", EdiWorld.StateOf(taken));
        Assert.Contains("AK5*A~", EdiWorld.AnswersOf(taken), StringComparison.Ordinal);
        Assert.Equal(5, await world.OnHandAsync("A00", "S1"));
    }

    [Fact]
    public async Task An_operator_sees_what_came_with_its_faults_and_answers()
    {
        await using var world = await StartAsync();
        var taken = await EdiWorld.TakenAsync(world.Http, Stock(1, Two.Replace("*850*", "*8x0*", StringComparison.Ordinal)));

        var list = await world.Http.GetStringAsync(new Uri("/operations/edi", UriKind.Relative), TestCaravan.Cancel);
        var page = await world.Http.GetStringAsync(new Uri($"/operations/edi/{taken.GetProperty("interchange").GetProperty("id").GetString()}", UriKind.Relative), TestCaravan.Cancel);

        Assert.Contains("000000001", list, StringComparison.Ordinal);
        Assert.Contains("<mark>QTY02:", page, StringComparison.Ordinal);
        Assert.Contains("AK4*2**6*8x0~", page, StringComparison.Ordinal);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await world.Stranger.GetAsync(new Uri($"/operations/edi/{taken.GetProperty("interchange").GetProperty("id").GetString()}", UriKind.Relative), TestCaravan.Cancel)).StatusCode);
    }

    [Theory]
    [InlineData("SE*9*", "SE*10*", "AK5*R*4*5~")]
    [InlineData("IEA*1*", "IEA*2*", "*R*021~")]
    [InlineData("QTY*17*850", "QTY*17*8x0", "AK4*2**6*8x0~")]
    [InlineData("ISA*00*          *00*          *ZZ*SUPPLIER       *", "ISA*00*          *00*          *ZZ*SUPPLIER         *", "*E*006~")]
    public async Task Faults_are_answered_by_number_and_nothing_is_zeroed(string sound, string faulty, string answer)
    {
        await using var world = await StartAsync();
        await EdiWorld.TakenAsync(world.Http, Stock(1, Two));

        var text = Stock(2, Two.Replace("20*CA", "0*CA", StringComparison.Ordinal).Replace("0155~N1", "0156~N1", StringComparison.Ordinal));
        Assert.Contains(sound, text, StringComparison.Ordinal);
        var taken = await EdiWorld.TakenAsync(world.Http, text.Replace(sound, faulty, StringComparison.Ordinal));

        Assert.Contains(answer, EdiWorld.AnswersOf(taken), StringComparison.Ordinal);
        Assert.NotEmpty(taken.GetProperty("faults").EnumerateArray());
        Assert.Equal(answer == "*E*006~" ? 0 : 240, await world.OnHandAsync("A01", "S1"));
    }

    [Fact]
    public async Task The_qualifier_decides_what_a_quantity_means_as_the_partners_have_agreed()
    {
        await using var world = await StartAsync(new Dictionary<string, string> { ["Q1"] = "onHand", ["Q2"] = "ignored" });

        var taken = await EdiWorld.TakenAsync(world.Http, Stock(1, "BIA*00*MB*STK-1*20261103*0155~N1*WH**92*S1~LIN*1*VN*A00~QTY*Q1*10*EA~QTY*Q2*99*EA~LIN*2*VN*A01~QTY*33*5*EA~LIN*3*VN*A02~QTY*ZZ*5*EA~CTT*3~"));

        // The feed is made of what lies there: what may be sold says nothing of that, and ZZ is nobody's word.
        Assert.Equal("partly", EdiWorld.StateOf(taken));
        Assert.Equal(10, await world.OnHandAsync("A00", "S1"));
        Assert.Equal(["2", "3"], taken.GetProperty("messages")[0].GetProperty("lines").EnumerateArray().Select(line => line.GetProperty("line").GetString()));
    }

    [Fact]
    public async Task An_INVRPT_tells_places_by_line_and_is_answered_by_CONTRL()
    {
        await using var world = await StartAsync();
        await EdiWorld.AddPartnerAsync(world.Http, new { name = "gs1", own = new { qualifier = "14", id = "4000004000002" }, theirs = new { qualifier = "14", id = "4012345500004" }, feed = await FeedAsync(world, "other") });

        var text = EdiWorld.Edifact("4012345500004", "4000004000002", "77", "INVRPT", $"BGM+35+R-1+9'DTM+137:202611030155:203'LIN+1++A03:SA'QTY+145:7:PCE'LOC+18+S1'QTY+145:9:PCE'LOC+18+S2'LIN+2++{StockWorld.GtinOf(4)}:EN'PIA+1+A04:SA'QTY+145:3:PCE'LOC+18+S2'CNT+2:2'");
        var taken = await EdiWorld.TakenAsync(world.Http, text);

        Assert.Equal("accepted", EdiWorld.StateOf(taken));
        Assert.Equal((7, 9, 3), (await world.OnHandAsync("A03", "S1"), await world.OnHandAsync("A03", "S2"), await world.OnHandAsync("A04", "S2")));
        Assert.Contains("UCI+77+4012345500004:14+4000004000002:14+7'UCM+1+INVRPT:D:96A:UN:EAN008+7'", EdiWorld.AnswersOf(taken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_no_trading_partner_has_sent_is_refused_by_name_and_kept_nowhere()
    {
        await using var world = await StartAsync();

        foreach (var text in (string[])["", "STX=ANA:1+:ANY", "ISA*00*", EdiWorld.X12("NOBODY", "CHAIN", 1, "846", "IB", Two), Stock(1, Two) + "rubbish"])
        {
            var (status, body) = await EdiWorld.SendAsync(world.Http, text);
            Assert.Equal(400, status);
            Assert.Equal(["#"], body.Faults());
        }

        Assert.Empty((await world.Http.FetchAsync("/v1/edi/interchanges")).Body.GetProperty("items").EnumerateArray());
        Assert.Equal(0, await world.OnHandAsync("A00", "S1"));
    }

    [Fact]
    public async Task A_test_is_answered_and_not_applied()
    {
        await using var world = await StartAsync();

        var taken = await EdiWorld.TakenAsync(world.Http, EdiWorld.X12("SUPPLIER", "CHAIN", 1, "846", "IB", Two, test: "T"));

        Assert.Equal("tested", EdiWorld.StateOf(taken));
        // Cases and pieces in one report are remarked on.
        Assert.Contains("AK5*E*5~", EdiWorld.AnswersOf(taken), StringComparison.Ordinal);
        Assert.Equal(0, await world.OnHandAsync("A00", "S1"));
    }

    [Fact]
    public async Task Files_in_the_folder_are_taken_when_they_are_complete_and_once()
    {
        await using var world = await StartAsync();
        var root = Directory.CreateTempSubdirectory("caravan-edi-").FullName;
        try
        {
            var inbox = Directory.CreateDirectory(Path.Combine(root, "alpha", "in")).FullName;
            var movement = Stock(1, "BIA*04*MB*STK-1*20261103*0155~N1*WH**92*S1~LIN*1*VN*A00~QTY*48*5*EA~CTT*1~");
            await File.WriteAllBytesAsync(Path.Combine(inbox, "a.edi"), Encoding.ASCII.GetBytes(movement), TestCaravan.Cancel);
            await File.WriteAllTextAsync(Path.Combine(inbox, "b.edi"), "rubbish", TestCaravan.Cancel);
            await File.WriteAllTextAsync(Path.Combine(inbox, "c.edi.part"), "half", TestCaravan.Cancel);

            Assert.Equal(0, await Folder(world, root).RunOnceAsync(TestCaravan.Cancel));
            var folder = Folder(world, root);
            await folder.RunOnceAsync(TestCaravan.Cancel);
            Assert.Equal(2, await folder.RunOnceAsync(TestCaravan.Cancel));

            // The server died after the effect and before the file was moved: it is there again, and answered again.
            await File.WriteAllBytesAsync(Path.Combine(inbox, "a.edi"), Encoding.ASCII.GetBytes(movement), TestCaravan.Cancel);
            await folder.RunOnceAsync(TestCaravan.Cancel);
            Assert.Equal(1, await folder.RunOnceAsync(TestCaravan.Cancel));

            Assert.Equal(5, await world.OnHandAsync("A00", "S1"));
            Assert.Equal(["c.edi.part"], Directory.EnumerateFiles(inbox).Select(Path.GetFileName));
            Assert.Equal(["a.edi", "a.edi.000000001.edi", "a.edi.2"], Directory.EnumerateFiles(Path.Combine(root, "alpha", "done")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
            Assert.Equal(["b.edi", "b.edi.txt"], Directory.EnumerateFiles(Path.Combine(root, "alpha", "failed")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
            Assert.Contains("AK5*A~", await File.ReadAllTextAsync(Path.Combine(root, "alpha", "done", "a.edi.000000001.edi"), TestCaravan.Cancel), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static EdiFolder Folder(StockWorld world, string root) => ActivatorUtilities.CreateInstance<EdiFolder>(world.Caravan.Services, new Caravan.Platform.Settings { EdiFolder = root });

    private static string Stock(int control, string body) => EdiWorld.X12("SUPPLIER", "CHAIN", control, "846", "IB", body);

    private static async Task<StockWorld> StartAsync(object? quantities = null)
    {
        var world = await StockWorld.StartAsync();
        await EdiWorld.AddPartnerAsync(world.Http, new { name = "supplier", own = new { qualifier = "ZZ", id = "CHAIN" }, theirs = new { qualifier = "ZZ", id = "SUPPLIER" }, feed = await FeedAsync(world, "edi"), units = new Dictionary<string, int> { ["CA"] = 12 }, quantities });
        return world;
    }

    private static async Task<string> FeedAsync(StockWorld world, string name)
    {
        var answer = await world.Http.SubmitAsync("/v1/feeds", new { name, itemCodes = "sku", breakerPercent = 100 });
        Assert.Equal(201, answer.Status);
        return answer.Body.GetProperty("id").GetString()!;
    }
}
