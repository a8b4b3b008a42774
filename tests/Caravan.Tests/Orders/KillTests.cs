using System.Collections.Concurrent;
using System.Globalization;
using Caravan.Tests.Platform;

namespace Caravan.Tests.Orders;

/// <summary>
/// The real program is killed again and again while orders come in, and clients ask again with the same keys: nothing
/// that was acknowledged is lost, nothing is sold twice. Thirty kills in all; a hundred with CARAVAN_KILLS=34, more of each kind with more.
/// </summary>
[Trait("Store", "once")]
public sealed class KillTests
{
    private const int Clients = 12;
    private const int Units = 1_000_000;
    private static readonly int Rounds = int.Parse(Environment.GetEnvironmentVariable("CARAVAN_KILLS") ?? "10", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Nothing_acknowledged_is_lost_and_nothing_is_sold_twice_when_the_program_is_killed(string kind)
    {
        var folder = Directory.CreateTempSubdirectory("caravan-kill-").FullName;
        string[] store = kind == "postgres" ? ["--data", folder, "--store", await TestStore.DatabaseAsync(folder)] : ["--data", folder];
        var key = await CaravanProgram.AddPartnerAsync("kill", store);
        var acknowledged = new ConcurrentDictionary<string, string>();
        var asked = 0;
        var program = await Server.StartAsync(store, key);
        await CaravanProgram.FillAsync(program.Http, Units);
        for (var round = 0; round < Rounds; round++)
        {
            // Killed while the answer of some is on its way: those are asked for again, with the same keys, after the start.
            var open = new ConcurrentBag<string>();
            var clients = Enumerable.Range(0, Clients).Select(_ => PlaceUntilCutOffAsync(program.Http, () => $"k{Interlocked.Increment(ref asked)}", acknowledged, open)).ToList();
            await Task.Delay(Random.Shared.Next(200, 700), TestCaravan.Cancel);
            program.Dispose();
            await Task.WhenAll(clients);
            program = await Server.StartAsync(store, key);
            foreach (var number in open)
            {
                int? status;
                while ((status = await CaravanProgram.TryPlaceAsync(program.Http, number, acknowledged)) is null)
                    await Task.Delay(100, TestCaravan.Cancel);
                Assert.Equal(201, status);
            }
        }

        var stored = await CaravanProgram.OrdersAsync(program.Http);
        var cell = (await program.Http.FetchAsync("/v1/stock")).Body.GetProperty("items")[0];
        program.Dispose();
        await TestStore.DropAsync(folder);
        Directory.Delete(folder, recursive: true);

        TestContext.Current.TestOutputHelper!.WriteLine($"{kind}: {Rounds} kills, {acknowledged.Count} orders acknowledged, {stored.Count} stored");
        Assert.True(acknowledged.Count > Rounds, "Orders were placed between the kills.");
        Assert.Equal(acknowledged.Count, stored.Count);
        Assert.All(acknowledged, order => Assert.Equal(order.Value, stored[order.Key]));
        Assert.Equal(stored.Count, cell.GetProperty("reserved").GetInt32());
        Assert.Equal(Units - stored.Count, cell.GetProperty("sellable").GetInt32());
    }

    [Fact]
    public async Task Two_servers_that_are_killed_in_turn_sell_a_hot_item_to_the_last_unit_and_not_once_more()
    {
        const int hot = 600;
        var folder = Directory.CreateTempSubdirectory("caravan-kill-").FullName;
        string[] store = ["--data", folder, "--store", await TestStore.DatabaseAsync(folder)];
        var key = await CaravanProgram.AddPartnerAsync("kill", store);
        Server[] servers = [await Server.StartAsync(store, key), await Server.StartAsync(store, key)];
        await CaravanProgram.FillAsync(servers[0].Http, hot);
        var acknowledged = new ConcurrentDictionary<string, string>();
        var (next, refused, kills) = (0, 0, 0);
        var clients = Enumerable.Range(0, Clients).Select(_ => BuyAsync()).ToList();
        while (kills < Rounds || clients.Exists(client => !client.IsCompleted))
        {
            // Rolling: while one is down the other serves.
            await Task.Delay(Random.Shared.Next(300, 900), TestCaravan.Cancel);
            if (kills++ >= Rounds)
                continue;

            servers[kills % 2].Dispose();
            servers[kills % 2] = await Server.StartAsync(store, key);
        }

        await Task.WhenAll(clients);
        var stored = await CaravanProgram.OrdersAsync(servers[0].Http);
        var cell = (await servers[0].Http.FetchAsync("/v1/stock")).Body.GetProperty("items")[0];
        foreach (var server in servers)
            server.Dispose();
        await TestStore.DropAsync(folder);
        Directory.Delete(folder, recursive: true);

        TestContext.Current.TestOutputHelper!.WriteLine($"{Rounds} kills in turn, {acknowledged.Count} of {hot} sold, {refused} refused");
        Assert.Equal(hot, acknowledged.Count);
        Assert.Equal(hot, stored.Count);
        Assert.All(acknowledged, order => Assert.Equal(order.Value, stored[order.Key]));
        Assert.Equal((hot, 0), (cell.GetProperty("reserved").GetInt32(), cell.GetProperty("sellable").GetInt32()));
        Assert.True(refused > 0, "Nobody was refused, so it was never sold out.");

        // Each number is asked for, of one server or the other, until it is answered.
        async Task BuyAsync()
        {
            while (true)
            {
                var number = $"h{Interlocked.Increment(ref next)}";
                int? status;
                for (var attempt = number.Length; (status = await CaravanProgram.TryPlaceAsync(servers[attempt % 2].Http, number, acknowledged)) is null or >= 500; attempt++)
                    await Task.Delay(20, TestCaravan.Cancel);
                if (status == 201)
                    continue;

                Assert.Equal(409, status);
                Interlocked.Increment(ref refused);
                if (acknowledged.Count >= hot)
                    return;
            }
        }
    }

    private static async Task PlaceUntilCutOffAsync(HttpClient http, Func<string> next, ConcurrentDictionary<string, string> acknowledged, ConcurrentBag<string> open)
    {
        while (true)
        {
            var number = next();
            if (await CaravanProgram.TryPlaceAsync(http, number, acknowledged) == 201)
                continue;

            open.Add(number);
            return;
        }
    }

    /// <summary>A server that is killed, and the client that speaks to it.</summary>
    private sealed record Server(CaravanProgram Program, HttpClient Http) : IDisposable
    {
        public static async Task<Server> StartAsync(string[] store, string key)
        {
            var program = await CaravanProgram.ServeAsync(store);
            return new Server(program, program.Client(key));
        }

        public void Dispose()
        {
            Program.Dispose();
            Http.Dispose();
        }
    }
}
