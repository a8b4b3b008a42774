using System.Diagnostics;

namespace Caravan.Engines.Dispatch;

/// <summary>
/// Chooses the courier for a new job: the one to whom fetching and bringing it adds the least driving, without making
/// the customers already promised wait past their time.
/// <para>
/// Method: cheapest insertion (Solomon, "Algorithms for the vehicle routing and scheduling problems with time window
/// constraints", Operations Research 35(2), 1987; for pickup and delivery pairs Jaw et al., Transportation Research B 20, 1986), tried at every
/// pair of places of every route. The order of the stops already planned stays. Cost is the travel added plus
/// <see cref="DispatchRules.LatenessWeight"/> times the lateness added over all stops, the new ones included; waiting for a stop to be ready costs
/// nothing by itself, but delays what follows. Never broken: capacity after every stop, temperature class, end of shift, number of stops.
/// Equal costs go to who is at the new door first, then to the lower index; within a route to the earlier pickup, then the earlier dropoff.
/// </para>
/// <para>
/// Shapes: the matrix of each <see cref="CourierRoute"/>. Units: seconds and grams. Cost: for a route of n stops at most (n + 2)³ / 6 stops
/// walked, usually far fewer since a place is left as soon as it costs more than the best; memory one evaluation a courier.
/// Any thread may call it. Throws <see cref="ArgumentException"/> on shapes or numbers out of range.
/// </para>
/// </summary>
public static class CourierChooser
{
    /// <summary>Chooses the courier for a new job.</summary>
    /// <param name="job">The job, its times on the same clock as the couriers'.</param>
    /// <param name="couriers">Who is there, in the order that settles ties.</param>
    /// <param name="rules">The house rules.</param>
    public static DispatchDecision Choose(NewJob job, IReadOnlyList<CourierRoute> couriers, DispatchRules rules)
    {
        ArgumentNullException.ThrowIfNull(couriers);
        Require(job, rules);

        var evaluations = new CourierEvaluation[couriers.Count];
        var stops = new Stop[RouteClock.StopsMax];
        var best = -1;
        for (var i = 0; i < evaluations.Length; i++)
        {
            Require(couriers[i], i);
            evaluations[i] = Evaluate(job, couriers[i], i, rules, stops);
            if (evaluations[i].Verdict == CourierVerdict.CostsMore && (best < 0 || IsBetter(evaluations[i], evaluations[best])))
                best = i;
        }

        if (best < 0)
            return new DispatchDecision.NoCourier(evaluations);
        evaluations[best] = evaluations[best] with { Verdict = CourierVerdict.Chosen };
        return Assign(job, couriers[best], evaluations[best], evaluations);
    }

    private static bool IsBetter(in CourierEvaluation a, in CourierEvaluation b) =>
        a.Cost != b.Cost ? a.Cost < b.Cost : a.DropoffArrivalSecond < b.DropoffArrivalSecond;

    private static CourierEvaluation Evaluate(in NewJob job, CourierRoute courier, int index, in DispatchRules rules, Stop[] buffer)
    {
        if (courier.Obstacles != CourierObstacle.None)
            return Refuse(index, CourierVerdict.Blocked, courier.Obstacles);
        if ((courier.TemperatureClasses >> job.TemperatureClass & 1) == 0)
            return Refuse(index, CourierVerdict.WrongTemperature);
        if (courier.Stops.Count + 2 > rules.MaxStops)
            return Refuse(index, CourierVerdict.TooManyStops);

        // A route's list may be anything; the search reads it a thousand times, so it gets an array.
        for (var i = 0; i < courier.Stops.Count; i++)
            buffer[i] = courier.Stops[i];
        var place = new JobInsertion(job, courier, buffer.AsSpan(0, courier.Stops.Count), rules.LatenessWeight).Best();
        if (place.Refusal is { } refusal)
            return Refuse(index, refusal);
        return new CourierEvaluation(
            index,
            CourierVerdict.CostsMore,
            CourierObstacle.None,
            place.PickupPosition,
            place.DropoffPosition,
            place.AddedTravelSeconds,
            place.AddedLatenessSeconds,
            place.DropoffArrivalSecond,
            place.Cost);
    }

    private static CourierEvaluation Refuse(int index, CourierVerdict verdict, CourierObstacle obstacles = CourierObstacle.None) =>
        new(index, verdict, obstacles, PickupPosition: -1, DropoffPosition: -1, 0, 0, 0, 0);

    private static DispatchDecision.Assigned Assign(in NewJob job, CourierRoute courier, in CourierEvaluation chosen, CourierEvaluation[] evaluations)
    {
        var count = courier.Stops.Count;
        List<Stop> stops = [.. courier.Stops];
        stops.Insert(chosen.PickupPosition, job.Pickup);
        stops.Insert(chosen.DropoffPosition, job.Dropoff);

        var times = new StopTimes[stops.Count];
        var (from, second, planned) = (0, courier.AvailableSecond, 0);
        for (var i = 0; i < times.Length; i++)
        {
            var to = i == chosen.PickupPosition ? count + 1 : i == chosen.DropoffPosition ? count + 2 : ++planned;
            times[i] = RouteClock.Serve(stops[i], second + courier.TravelSeconds[from * (count + 3) + to]);
            (from, second) = (to, times[i].DepartureSecond);
        }

        Debug.Assert(times[chosen.DropoffPosition].ArrivalSecond == chosen.DropoffArrivalSecond, "The plan keeps what the search found.");
        return new DispatchDecision.Assigned(
            chosen.CourierIndex, chosen.PickupPosition, chosen.DropoffPosition, chosen.AddedTravelSeconds, stops, times, evaluations);
    }

    private static void Require(in NewJob job, in DispatchRules rules)
    {
        RouteClock.RequireStop(job.Pickup, nameof(job));
        RouteClock.RequireStop(job.Dropoff, nameof(job));
        if (job.Pickup.Kind != StopKind.Pickup || job.Dropoff.Kind != StopKind.Dropoff)
            throw new ArgumentException("A job is a pickup and a dropoff.", nameof(job));
        if (job.Pickup.Job != job.Dropoff.Job || job.Pickup.LoadGrams != job.Dropoff.LoadGrams)
            throw new ArgumentException("Pickup and dropoff are of one job and one load.", nameof(job));
        if (job.TemperatureClass is < 0 or > 31)
            throw new ArgumentException($"Temperature classes lie from 0 to 31, got {job.TemperatureClass}.", nameof(job));
        if (rules.LatenessWeight is < 0 or > 1000 || rules.MaxStops is < 2 or > RouteClock.StopsMax)
            throw new ArgumentException($"{rules}: the weight lies from 0 to 1000, stops from 2 to {RouteClock.StopsMax}.", nameof(rules));
    }

    private static void Require(CourierRoute courier, int index)
    {
        if (courier?.Stops is null || courier.TravelSeconds is null)
            throw new ArgumentException($"The courier at {index}, or its stops or travel times, are missing.", nameof(courier));
        RouteClock.RequireMoment(courier.AvailableSecond, nameof(courier));
        RouteClock.RequireStops(courier.Stops, nameof(courier));
        RouteClock.RequireMatrix(courier.TravelSeconds, courier.Stops.Count + 3, nameof(courier));
        if (courier.CapacityGrams < 0 || courier.OnBoardGrams < 0)
            throw new ArgumentException($"The courier at {index} has a capacity or load below 0.", nameof(courier));
    }
}
