using Caravan.Delivery;
using Caravan.Engines.Geo;
using Caravan.Network;
using Caravan.Platform.Storage;
using Caravan.Tests.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Delivery;

public sealed class DoorTests
{
    [Fact]
    public async Task A_booked_parcel_is_found_by_its_reference_and_cancelled_once()
    {
        await using var world = await DeliveryWorld.StartAsync();
        var job = await world.BookAsync(world.Parcel("ful_7"));
        await world.PackAsync(job);

        var mine = await world.Caravan.Store.ReadAsync(db => world.Desk.FindAsync(db, world.Alpha.Id, ["ful_7", "ful_8"]), TestCaravan.Cancel);
        var theirs = await world.Caravan.Store.ReadAsync(db => world.Desk.FindAsync(db, world.Beta.Id, ["ful_7"]), TestCaravan.Cancel);
        var cancelled = await world.Caravan.Store.WriteAsync(tx => world.Desk.CancelAsync(tx, world.Alpha.Id, job), TestCaravan.Cancel);
        var after = await world.Caravan.Store.ReadAsync(db => world.Desk.FindAsync(db, world.Alpha.Id, ["ful_7"]), TestCaravan.Cancel);

        Assert.Equal(job, Assert.Single(mine).Id);
        Assert.True(mine[0].IsPacked);
        Assert.Empty(theirs);
        Assert.True(cancelled);
        Assert.Equal(JobStatus.Cancelled, Assert.Single(after).Status);
    }

    [Fact]
    public async Task The_outlook_counts_who_may_carry_and_tells_how_soon_the_best_is_there()
    {
        await using var world = await DeliveryWorld.StartAsync();
        await PutAsync(world, world.Fleet.Id, "near", 1_000, new TimeOnly(8, 0));
        await PutAsync(world, world.Fleet.Id, "far", 9_000, new TimeOnly(8, 0));
        await PutAsync(world, world.Fleet.Id, "later", 500, new TimeOnly(12, 0));

        var mine = await OutlookAsync(world, world.Alpha.Id, DeliveryService.WithinHour);
        var sameDay = await OutlookAsync(world, world.Alpha.Id, DeliveryService.SameDay);
        var theirs = await OutlookAsync(world, world.Beta.Id, DeliveryService.WithinHour);

        // Within the hour only "near" counts: "far" is beyond 8 km, the shift of "later" begins at noon.
        // 1 km at 10:00 by scooter: 1.35 km of road at 27 km/h × (1 − 0.4 × 0.15) = 25.38 km/h: 191.49 s, so 192 s.
        Assert.Equal(new CourierOutlook(1, 192), mine);
        Assert.Equal(new CourierOutlook(3, 192), sameDay);
        Assert.Equal(0, theirs.OnDuty);
    }

    [Fact]
    public async Task The_outlook_of_a_whole_city_is_told_while_a_shopper_waits()
    {
        await using var world = await DeliveryWorld.StartAsync();
        var origins = Enumerable.Range(0, 300).Select(index => world.AlphaStore with { Id = LocationId.New(world.Now), Point = DeliveryWorld.North(index * 50) }).ToList();
        await PutAsync(world, world.Fleet.Id, [.. Enumerable.Range(0, 200).Select(index => ($"r{index}", index * 75, new TimeOnly(8, 0)))]);

        var best = TimeSpan.MaxValue;
        for (var attempt = 0; attempt < 50; attempt++)
        {
            var start = TimeProvider.System.GetTimestamp();
            var outlooks = await world.Caravan.Store.ReadAsync(async db =>
            {
                var outlook = await world.Desk.OutlookAsync(db, world.Alpha.Id, world.Now);
                return origins.ConvertAll(origin => outlook.Of(origin, DeliveryService.WithinHour));
            }, TestCaravan.Cancel);
            var took = TimeProvider.System.GetElapsedTime(start);
            best = took < best ? took : best;
            Assert.Equal(300, outlooks.Count);
        }

        // Measured in a release build on a busy machine: 3.5 ms, of which 0.6 ms is reckoning and the rest reading. The bound leaves room for a debug build.
        Assert.True(best < TimeSpan.FromMilliseconds(25), $"The best of 50 took {best.TotalMilliseconds:0.0} ms.");
    }

    [Fact]
    [Trait("Store", "once")] // The plans are SQLite's.
    public async Task The_questions_of_the_dispatcher_are_answered_by_indexes()
    {
        await using var world = await DeliveryWorld.StartAsync();

        var plans = await world.Caravan.Store.ReadAsync(async db => new[]
        {
            await PlanAsync(db, "SELECT * FROM jobs WHERE status = 'Booked' AND service <> 'PickUp' AND ready_at <= 0 UNION ALL SELECT * FROM jobs WHERE status = 'Booked' AND service <> 'PickUp' AND (service = 'WithinHour' OR packed_at IS NOT NULL) AND NOT (ready_at <= 0) ORDER BY due_at, id LIMIT 5"),
            await PlanAsync(db, "SELECT * FROM jobs WHERE status = 'Assigned' AND assigned_at <= 0 ORDER BY assigned_at"),
            await PlanAsync(db, "SELECT * FROM jobs WHERE carrier = x'00' AND id = x'00'"),
            await PlanAsync(db, "SELECT * FROM jobs WHERE origin = x'00' AND service = 'PickUp' AND id = x'00'"),
            await PlanAsync(db, "SELECT * FROM jobs AS j WHERE j.carrier = x'00' AND j.carrier IS NOT NULL AND j.finished_at IS NULL"),
            await PlanAsync(db, "SELECT * FROM jobs AS j WHERE (j.tenant, j.id) IN (SELECT s.job_tenant, s.job FROM route_stops AS s WHERE s.tenant = x'00' AND s.courier = x'00')"),
        }, TestCaravan.Cancel);

        Assert.Contains("jobs_ready (ready_at<?)", plans[0], StringComparison.Ordinal);
        Assert.Contains("jobs_soon", plans[0], StringComparison.Ordinal);
        Assert.Contains("jobs_unanswered", plans[1], StringComparison.Ordinal);
        Assert.Contains("jobs_by_carrier", plans[2], StringComparison.Ordinal);
        Assert.Contains("jobs_at_station", plans[3], StringComparison.Ordinal);
        Assert.Contains("jobs_open_by_carrier", plans[4], StringComparison.Ordinal);
        Assert.DoesNotContain("SCAN j", plans[5], StringComparison.Ordinal);
    }

    private static async Task<string> PlanAsync(Db db, string sql) =>
        string.Join("; ", (await db.QueryAsync<PlanRow>($"EXPLAIN QUERY PLAN {sql}")).Select(row => row.Detail));

    private sealed record PlanRow
    {
        public string Detail { get; init; } = "";
    }

    private static async Task<CourierOutlook> OutlookAsync(DeliveryWorld world, PartnerId shipper, DeliveryService service) =>
        (await world.Caravan.Store.ReadAsync(db => world.Desk.OutlookAsync(db, shipper, world.Now).AsTask(), TestCaravan.Cancel)).Of(world.AlphaStore, service);

    private static Task PutAsync(DeliveryWorld world, PartnerId carrier, string code, int metresNorth, TimeOnly shiftStart) =>
        PutAsync(world, carrier, [(code, metresNorth, shiftStart)]);

    private static Task PutAsync(DeliveryWorld world, PartnerId carrier, IReadOnlyCollection<(string Code, int MetresNorth, TimeOnly ShiftStart)> couriers) =>
        world.Caravan.Store.WriteAsync(
            tx => world.Desk.PutAsync(
                tx,
                [
                    .. couriers.Select(courier => new Courier
                    {
                        Carrier = carrier,
                        Id = CourierId.New(tx.Now),
                        Code = courier.Code,
                        Region = "bj",
                        Vehicle = VehicleKind.Scooter,
                        Point = DeliveryWorld.North(courier.MetresNorth),
                        CapacityGrams = 20_000,
                        TemperatureMask = 3,
                        ShiftStart = courier.ShiftStart,
                        ShiftEnd = new TimeOnly(0, 0),
                        TimeZone = "Asia/Shanghai",
                    }),
                ]),
            TestCaravan.Cancel);
}
