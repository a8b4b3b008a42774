using Caravan.Delivery;
using Caravan.Engines.Geo;
using Caravan.Network;
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

    private static async Task<CourierOutlook> OutlookAsync(DeliveryWorld world, PartnerId shipper, DeliveryService service) =>
        (await world.Caravan.Store.ReadAsync(db => world.Desk.OutlookAsync(db, shipper, [world.AlphaStore], service, world.Now), TestCaravan.Cancel))[world.AlphaStore.Id];

    private static Task PutAsync(DeliveryWorld world, PartnerId carrier, string code, int metresNorth, TimeOnly shiftStart) =>
        world.Caravan.Store.WriteAsync(
            tx => world.Desk.PutAsync(
                tx,
                [
                    new Courier
                    {
                        Carrier = carrier,
                        Id = CourierId.New(tx.Now),
                        Code = code,
                        Region = "bj",
                        Vehicle = VehicleKind.Scooter,
                        Point = DeliveryWorld.North(metresNorth),
                        CapacityGrams = 20_000,
                        TemperatureMask = 3,
                        ShiftStart = shiftStart,
                        ShiftEnd = new TimeOnly(0, 0),
                        TimeZone = "Asia/Shanghai",
                    },
                ]),
            TestCaravan.Cancel);
}
