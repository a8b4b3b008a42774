namespace Caravan.Engines.Routing;

/// <summary>
/// Drives by the hour's speed: a way is so many seconds of work at full speed, of which every second of the clock does speed / 1000. Work is counted
/// in thousandths, so that driving on from any moment ends where driving through would: who leaves later never arrives sooner.
/// </summary>
internal sealed class TrafficClock
{
    private readonly int[] _from;
    private readonly int[] _permille;

    public TrafficClock(TrafficSpeeds speeds, long originSecond)
    {
        var count = speeds.FromSeconds.Count;
        (_from, _permille) = (new int[count + 1], new int[count + 1]);
        (_from[0], _permille[0]) = (int.MinValue, 1000);
        for (var i = 0; i < count; i++)
            (_from[i + 1], _permille[i + 1]) = ((int)Math.Clamp(speeds.FromSeconds[i] - originSecond, -RoutingProblem.SpanMax, RoutingProblem.SpanMax), speeds.Permille[i]);
        FastestPermille = _permille.Max();
    }

    public int FastestPermille { get; }

    /// <summary>When a way of <paramref name="work"/> thousandths that begins at <paramref name="second"/> is done.</summary>
    public int Arrive(int second, long work)
    {
        var at = IndexAt(second);
        long now = second;
        while (at + 1 < _from.Length)
        {
            var does = (_from[at + 1] - now) * _permille[at];
            if (does >= work)
                break;
            work -= does;
            now = _from[++at];
        }

        return (int)Math.Min(now + (work + _permille[at] - 1) / _permille[at], int.MaxValue / 2);
    }

    /// <summary>How many thousandths are done between two moments.</summary>
    public long Work(int from, int to)
    {
        var at = IndexAt(from);
        long now = from, done = 0;
        while (at + 1 < _from.Length && _from[at + 1] < to)
        {
            done += (_from[at + 1] - now) * _permille[at];
            now = _from[++at];
        }

        return done + (to - now) * _permille[at];
    }

    private int IndexAt(int second)
    {
        var at = 0;
        while (at + 1 < _from.Length && _from[at + 1] <= second)
            at++;
        return at;
    }
}
