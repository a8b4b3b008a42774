using Caravan.Catalog;
using Caravan.Delivery;
using Caravan.Engines.Geo;
using Caravan.Network;
using Caravan.Partners;
using Caravan.Platform;
using Caravan.Platform.Ids;
using Caravan.Platform.Storage;
using Caravan.Stock;
using Microsoft.Data.Sqlite;

namespace Caravan.Sim;

/// <summary>
/// Where a simulated world begins, stored once and copied for each seed: a chain with three stores, a logistics company with a
/// warehouse whose stock the chain may sell, two items that both have and one of the chain's own. The shelves are empty.
/// </summary>
internal sealed class Town : IDisposable
{
    public static readonly GeoPoint Customer = new(39.9000, 116.4000);
    public static readonly string[] Skus = ["tea", "apples", "milk"];
    private static readonly string[] Always = ["07:00-23:00"];

    private readonly string folder = Directory.CreateDirectory(Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"caravan-sim-{Guid.NewGuid():n}")).FullName;
    private int copies;

    public Town(Plant? plant)
    {
        SqlTypes.Register();
        using (var connection = new SqliteConnection($"Data Source={Template};Pooling=false"))
        {
            connection.Open();
            using (var mode = connection.CreateCommand())
            {
                mode.CommandText = "PRAGMA journal_mode=WAL";
                mode.ExecuteNonQuery();
            }

            using var transaction = connection.BeginTransaction();
            Migrations.Apply(connection, transaction, sql => SqliteDatabase.SqliteTypes(plant?.RewriteSchema?.Invoke(sql) ?? sql), DateTimeOffset.UnixEpoch);
            using var table = connection.CreateCommand();
            table.CommandText = Follower.Table;
            table.ExecuteNonQuery();
            transaction.Commit();
        }

        Fill();
    }

    public static PartnerId Chain { get; } = new(Number(1));

    public static PartnerId Logistics { get; } = new(Number(2));

    public static IReadOnlyList<Location> Places { get; } =
        [Place(10, "near", Chain, 1_000), Place(11, "mid", Chain, 2_000), Place(12, "far", Chain, 4_000), Place(13, "warehouse", Logistics, 20_000)];

    public static IReadOnlyList<Item> Items { get; } =
        [Item(20, Chain, "tea", "02900000000018"), Item(21, Chain, "apples", "02900000000025"), Item(22, Chain, "milk", null), Item(23, Logistics, "tea", "02900000000018"), Item(24, Logistics, "apples", "02900000000025")];

    /// <summary>The shelves there may be: each company's items at its places.</summary>
    public static IReadOnlyList<StockTake> Shelves { get; } =
        [.. from place in Places from item in Items where item.Owner == place.Operator select new StockTake(item.Owner, item.Id, place.Id, 1)];

    private string Template => Path.Combine(folder, "town.db");

    /// <summary>A file of its own for a world.</summary>
    public string Copy()
    {
        var file = Path.Combine(folder, $"{Interlocked.Increment(ref copies)}.db");
        File.Copy(Template, file);
        return file;
    }

    public static void Drop(string file)
    {
        SqliteConnection.ClearPool(new SqliteConnection($"Data Source={file};Default Timeout=0"));
        foreach (var part in (string[])["", "-wal", "-shm"])
            File.Delete(file + part);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private void Fill()
    {
        var scheduler = new Scheduler(0);
        NewId.Given = now => Given(scheduler, now);
        var disk = new SimDisk(scheduler, Template, null, new Tally());
        var server = new SimServer(scheduler, disk, "builder");
        disk.Servers.Add(server);
        var filled = server.AskAsync(async _ =>
        {
            await server.Get<Store>().WriteAsync(tx => FillAsync(tx, server), CancellationToken.None);
            return true;
        });
        while (!filled.IsCompleted)
            scheduler.Step();
        NewId.Given = null;
        server.Stop();
        SqliteConnection.ClearPool(new SqliteConnection($"Data Source={Template};Default Timeout=0"));
        filled.GetAwaiter().GetResult();
    }

    /// <summary>An id made of the world's own time and chance.</summary>
    public static Guid Given(Scheduler scheduler, DateTimeOffset now)
    {
        Span<byte> chance = stackalloc byte[16];
        scheduler.Dice.NextBytes(chance);
        Span<byte> dated = stackalloc byte[16];
        Guid.CreateVersion7(now).TryWriteBytes(dated, bigEndian: true, out _);
        chance[6..].CopyTo(dated[6..]);
        dated[6] = (byte)((dated[6] & 0x0F) | 0x70);
        dated[8] = (byte)((dated[8] & 0x3F) | 0x80);
        return new Guid(dated, bigEndian: true);
    }

    private static async Task FillAsync(Tx tx, SimServer server)
    {
        foreach (var (id, slug) in ((PartnerId, string)[])[(Chain, "chain"), (Logistics, "logistics")])
            await tx.ExecuteAsync("INSERT INTO partners (tenant, slug, name, is_demo, created_at) VALUES (@id, @slug, @slug, 0, @now)", new { id, slug, now = tx.Now });
        await server.Get<NetworkMap>().PutAsync(tx, Places.ToList());
        await server.Get<ItemCatalog>().PutAsync(tx, Items.ToList());
        foreach (var kind in Enum.GetValues<AgreementKind>())
            await server.Get<PartnerBook>().GrantAsync(tx, new Agreement(AgreementId.New(tx.Now), Logistics, Chain, kind, null, null, null, 100, DateTimeOffset.UnixEpoch, null, null));
        await server.Get<DeliveryDesk>().PutAsync(tx, [.. Enumerable.Range(0, 4).Select(number => new Courier
        {
            Carrier = Logistics,
            Id = new CourierId(Number(30 + number)),
            Code = $"V-{number}",
            Region = "bj",
            Vehicle = VehicleKind.Van,
            Point = Customer,
            CapacityGrams = 200_000,
            TemperatureMask = 15,
            ShiftStart = new TimeOnly(6, 0),
            ShiftEnd = new TimeOnly(23, 0),
            TimeZone = "Asia/Shanghai",
        })]);
    }

    private static Location Place(int number, string code, PartnerId company, double metresNorth) => new()
    {
        Operator = company,
        Id = new LocationId(Number(number)),
        Code = code,
        Name = code,
        Kind = LocationKind.Store,
        Region = "bj",
        Point = new GeoPoint(Customer.Latitude + (metresNorth / 111_195.08), Customer.Longitude),
        Hours = OpeningHours.TryParse([.. Enumerable.Repeat<IReadOnlyList<string>>(Always, 7)], "Asia/Shanghai", out _)!, // These hours are right.
        SameDayCutOff = new TimeOnly(20, 0),
        NextDayCutOff = new TimeOnly(22, 0),
        ThroughputPerHour = 500,
        HandlingMinutes = 10,
        TemperatureMask = 15,
        WithinHourMetres = 0,
        SameDayMetres = 40_000,
        NextDayMetres = 300_000,
    };

    private static Item Item(int number, PartnerId owner, string sku, string? gtin) =>
        new(owner, new ItemId(Number(number)), sku, gtin, sku, "", TemperatureClass.Ambient, 500, new Money(1_200, "CNY"));

    private static Guid Number(int number) => new($"01900000-0000-7000-8000-{number:d12}");
}
