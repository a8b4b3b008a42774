using Caravan.Delivery;
using Caravan.Platform.Storage;
using Caravan.Tests.Platform;
using FsCheck;
using FsCheck.Fluent;

namespace Caravan.Tests.Delivery;

/// <summary>Random days: whatever shippers, couriers and the clock do in whatever order, the book stays true.</summary>
public sealed class RandomDayTests
{
    private const int Days = 8;
    private const int StepsOfADay = 120;

    // Fixed, so that a failure is seen again; the steps that led to it are printed.
    private static readonly Rnd Seed = new(20261103);

    private enum Deed
    {
        Book,
        Pack,
        Cancel,
        Dispatch,
        Wait,
        Move,
        Accept,
        Decline,
        Collect,
        Deliver,
        DeliverWrong,
        Override,
        Fail,
        Return,
    }

    // Which deed, and which job or courier it is done to, counted from the newest.
    private static readonly Gen<(Deed Deed, int Which)> AnyStep =
        from deed in Gen.Frequency(
            (2, Gen.Constant(Deed.Book)),
            (3, Gen.Constant(Deed.Pack)),
            (1, Gen.Constant(Deed.Cancel)),
            (4, Gen.Constant(Deed.Dispatch)),
            (2, Gen.Constant(Deed.Wait)),
            (2, Gen.Constant(Deed.Move)),
            (6, Gen.Constant(Deed.Accept)),
            (1, Gen.Constant(Deed.Decline)),
            (6, Gen.Constant(Deed.Collect)),
            (3, Gen.Constant(Deed.Deliver)),
            (2, Gen.Constant(Deed.DeliverWrong)),
            (1, Gen.Constant(Deed.Override)),
            (2, Gen.Constant(Deed.Fail)),
            (2, Gen.Constant(Deed.Return)))
        from which in Gen.Choose(0, 3)
        select (deed, which);

    [Fact]
    public async Task However_a_day_goes_the_book_stays_true()
    {
        await using var world = await DeliveryWorld.StartAsync();
        await DeliveryWorld.PutCourierAsync(world.Fleet.Http, "r1", 300);
        await DeliveryWorld.PutCourierAsync(world.Fleet.Http, "r2", 900);
        await DeliveryWorld.PutCourierAsync(world.Alpha.Http, "a1", 2_000, "bicycle");

        var days = AnyStep.ArrayOf(StepsOfADay).Sample(Days, Seed, Days);

        foreach (var day in days)
        {
            var jobs = new List<JobId>();
            for (var step = 0; step < day.Length; step++)
            {
                await DoAsync(world, jobs, day[step].Deed, day[step].Which);
                var lie = await LieAsync(world);
                Assert.True(lie is null, $"{lie} After {string.Join(" ", day.Take(step + 1))}");
            }
        }

        // The days went everywhere; otherwise this test says little.
        var reached = (await SnapshotAsync(world)).Jobs.Select(job => job.Status).ToHashSet();
        Assert.Superset(new HashSet<JobStatus> { JobStatus.Delivered, JobStatus.Returned, JobStatus.Cancelled }, reached);
    }

    private static async Task DoAsync(DeliveryWorld world, List<JobId> jobs, Deed deed, int which)
    {
        switch (deed)
        {
            case Deed.Book:
                jobs.Insert(0, await world.BookAsync(world.Parcel($"ful_{jobs.Count}", DeliveryWorld.North((which - 2) * 700))));
                return;
            case Deed.Dispatch:
                await world.DispatchAsync();
                return;
            case Deed.Wait:
                world.Caravan.Clock.Advance(TimeSpan.FromSeconds(30 * which));
                return;
        }

        if (which >= jobs.Count)
            return;

        var job = jobs[which];
        var state = (await SnapshotAsync(world)).Jobs.First(one => one.Id == job);
        await world.Caravan.Store.WriteAsync(async tx =>
        {
            switch (deed)
            {
                case Deed.Pack:
                    await world.Desk.PackedAsync(tx, world.Alpha.Id, job);
                    return;
                case Deed.Cancel:
                    await world.Desk.CancelAsync(tx, world.Alpha.Id, job);
                    return;
            }

            if (state is not { Carrier: { } carrier, Courier: { } courier })
                return;
            if (deed == Deed.Move)
                await world.Desk.MoveAsync(tx, carrier, courier, DeliveryWorld.North(which * 500));
            else if (await world.Desk.ActAsync(tx, carrier, courier, job, ActOf(deed)) is ActOutcome.Done)
                Assert.NotEqual(Deed.DeliverWrong, deed);
        }, TestCaravan.Cancel);
    }

    private static CourierAct ActOf(Deed deed) => deed switch
    {
        Deed.Accept => new CourierAct.Accept(),
        Deed.Decline => new CourierAct.Decline(),
        Deed.Collect => new CourierAct.Collect(),
        Deed.Deliver => new CourierAct.Deliver("482913", null),
        Deed.DeliverWrong => new CourierAct.Deliver("482914", null),
        Deed.Override => new CourierAct.Deliver(null, "Seen to"),
        Deed.Fail => new CourierAct.Fail("Nobody home"),
        _ => new CourierAct.Return(),
    };

    private sealed record Snapshot(List<JobState> Jobs, List<StopState> Stops);

    private static Task<Snapshot> SnapshotAsync(DeliveryWorld world) => world.Caravan.Store.ReadAsync(async db =>
    {
        var jobs = await db.QueryAsync<JobState>("SELECT * FROM jobs");
        var stops = (await CourierStore.AllStopsAsync(db)).SelectMany(route => route).ToList();
        return new Snapshot(jobs, stops);
    }, TestCaravan.Cancel);

    // What must always hold; the first breach in words, or null.
    private static async Task<string?> LieAsync(DeliveryWorld world)
    {
        var (jobs, stops) = await SnapshotAsync(world);
        foreach (var job in jobs)
        {
            var own = stops.Where(stop => stop.Job.Id == job.Id).ToList();
            RouteStopKind[] wanted = job.Status switch
            {
                JobStatus.Assigned or JobStatus.Accepted => [RouteStopKind.Pickup, RouteStopKind.Dropoff],
                JobStatus.Collected or JobStatus.OutForDelivery => [RouteStopKind.Dropoff],
                JobStatus.Failed => [RouteStopKind.Return],
                _ => [],
            };
            if (!own.Select(stop => stop.Kind).SequenceEqual(wanted))
                return $"{job.Id} is {job.Status} and has the stops {string.Join(", ", own.Select(stop => stop.Kind))}.";
            if (own.Any(stop => stop.Courier != job.Courier || stop.Carrier != job.Carrier))
                return $"{job.Id} is on the route of another courier.";
            if (job.Status == JobStatus.Booked != job.Courier is null && job.Status != JobStatus.Cancelled)
                return $"{job.Id} is {job.Status} with courier {job.Courier}.";
            if (job.CollectedAt is not null && job.PackedAt is null)
                return $"{job.Id} was collected before it was packed.";
            if (job.CodeFailures > JobLife.CodeFailuresMax)
                return $"{job.Id} took {job.CodeFailures} wrong codes.";
            if (job.Status == JobStatus.Delivered && job.CodeFailures == JobLife.CodeFailuresMax && job.OverrideReason is null)
                return $"{job.Id} was delivered though it was locked.";
            if (!job.IsOpen != job.FinishedAt is not null)
                return $"{job.Id} is {job.Status} and finished at {job.FinishedAt}.";
            if (own.Any(stop => stop.EstimatedAt is null) || (job.Status is JobStatus.Assigned or JobStatus.Accepted or JobStatus.Collected or JobStatus.OutForDelivery && job.EstimatedAt is null))
                return $"{job.Id} is on its way without an estimate.";
        }

        return null;
    }
}
