namespace Caravan.Engines.Geo;

/// <summary>
/// Finds the shops near a customer without asking every shop.
/// <para>
/// Method: a grid whose cells adapt to the points (as in sort-tile-recursive packing, Leutenegger et al., ICDE 1997). The points are sorted
/// by latitude and cut into about √N slices of equal count; each slice is sorted by longitude. A query cuts out the slices and,
/// by binary search, the stretch of each that its circle can touch (its bounding box reaches east and west by asin(sin r / cos latitude)),
/// and measures only those. Longitudes wrap at ±180°, and a circle over a pole takes whole slices.
/// </para>
/// <para>
/// Distances are <see cref="GreatCircle.Metres"/>, so that equals are equal to the metre; ties go by index.
/// Building takes O(N log N) time and 28 bytes a point; a query O(√N log N + hits log hits). Immutable after construction: any thread may ask.
/// The constructor throws <see cref="ArgumentException"/> for a point that is not on Earth, queries for a point, radius or count out of range.
/// </para>
/// </summary>
public sealed class SpatialGrid
{
    private const int FirstRadiusMetres = 1_000;

    private readonly GeoPoint[] _points;     // by slice, then by longitude
    private readonly double[] _longitudes;   // of _points, apart for binary search
    private readonly int[] _indices;         // of _points in the caller's list
    private readonly (double South, double North)[] _slices;
    private readonly int _sliceLength;

    /// <summary>Builds the grid over a list of points; answers speak of them by their index in it.</summary>
    public SpatialGrid(ReadOnlySpan<GeoPoint> points)
    {
        foreach (var point in points)
            RequireValid(point, nameof(points));

        _points = points.ToArray();
        _indices = new int[points.Length];
        for (var i = 0; i < _indices.Length; i++)
            _indices[i] = i;
        Array.Sort(_points, _indices, Comparer<GeoPoint>.Create((a, b) => a.Latitude.CompareTo(b.Latitude)));

        _sliceLength = Math.Max(1, (int)Math.Ceiling(Math.Sqrt(points.Length)));
        _slices = new (double, double)[(points.Length + _sliceLength - 1) / _sliceLength];
        var byLongitude = Comparer<GeoPoint>.Create((a, b) => a.Longitude.CompareTo(b.Longitude));
        for (var slice = 0; slice < _slices.Length; slice++)
        {
            var (start, end) = Bounds(slice);
            _slices[slice] = (_points[start].Latitude, _points[end - 1].Latitude);
            Array.Sort(_points, _indices, start, end - start, byLongitude);
        }

        _longitudes = Array.ConvertAll(_points, point => point.Longitude);
    }

    /// <summary>How many points there are.</summary>
    public int Count => _points.Length;

    /// <summary>All points at most so many metres away, the closest first.</summary>
    /// <param name="point">The middle of the circle.</param>
    /// <param name="metres">Its radius, at least 0.</param>
    public int[] Within(GeoPoint point, int metres)
    {
        RequireValid(point, nameof(point));
        ArgumentOutOfRangeException.ThrowIfNegative(metres);
        var hits = Collect(point, metres);
        return Indices(hits, hits.Count);
    }

    /// <summary>The closest points, the closest first; all of them when there are fewer than asked for.</summary>
    /// <param name="point">Where to look from.</param>
    /// <param name="count">How many, at least 0.</param>
    public int[] Nearest(GeoPoint point, int count)
    {
        RequireValid(point, nameof(point));
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var wanted = Math.Min(count, Count);
        if (wanted == 0)
            return [];

        // A circle that holds enough points holds the closest ones; doubling finds one within fifteen tries.
        var metres = FirstRadiusMetres;
        var hits = Collect(point, metres);
        while (hits.Count < wanted)
        {
            metres = Math.Min(2 * metres, GreatCircle.MetresMax);
            hits = Collect(point, metres);
        }

        return Indices(hits, wanted);
    }

    /// <summary>Distance in the upper and index in the lower half of each hit, sorted: by distance, then by index.</summary>
    private List<long> Collect(GeoPoint point, int metres)
    {
        var hits = new List<long>();

        // A metre more than asked for, since distances are rounded.
        var angle = (metres + 1.0) / GreatCircle.EarthRadiusMetres;
        var halfHeight = double.RadiansToDegrees(angle);
        var halfWidth = HalfWidth(point.Latitude, angle);
        var first = FirstSliceReaching(point.Latitude - halfHeight);
        for (var slice = first; slice < _slices.Length && _slices[slice].South <= point.Latitude + halfHeight; slice++)
        {
            if (halfWidth >= 180)
            {
                Measure(slice, -180, 180, point, metres, hits);
                continue;
            }

            // Without a pole the circle spans at most 180°, so that what wraps around never overlaps the rest.
            var (west, east) = (point.Longitude - halfWidth, point.Longitude + halfWidth);
            Measure(slice, west, east, point, metres, hits);
            if (west <= -180)
                Measure(slice, west + 360, 180, point, metres, hits);
            if (east >= 180)
                Measure(slice, -180, east - 360, point, metres, hits);
        }

        hits.Sort();
        return hits;
    }

    /// <summary>How far east and west a circle reaches, in degrees; 180 when it holds a pole.</summary>
    private static double HalfWidth(double latitude, double angle)
    {
        var poleward = double.DegreesToRadians(90 - Math.Abs(latitude));
        if (angle >= poleward)
            return 180;
        return double.RadiansToDegrees(Math.Asin(Math.Min(1, Math.Sin(angle) / Math.Sin(poleward))));
    }

    private void Measure(int slice, double west, double east, GeoPoint point, int metres, List<long> hits)
    {
        var (start, end) = Bounds(slice);
        for (var i = FirstAtOrEastOf(west, start, end); i < end && _longitudes[i] <= east; i++)
        {
            var distance = GreatCircle.Metres(point, _points[i]);
            if (distance <= metres)
                hits.Add(((long)distance << 32) | (uint)_indices[i]);
        }
    }

    private (int Start, int End) Bounds(int slice) =>
        (slice * _sliceLength, Math.Min((slice + 1) * _sliceLength, _points.Length));

    private int FirstSliceReaching(double south)
    {
        var (low, high) = (0, _slices.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_slices[middle].North < south)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private int FirstAtOrEastOf(double west, int low, int high)
    {
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_longitudes[middle] < west)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private static int[] Indices(List<long> hits, int count)
    {
        var indices = new int[count];
        for (var i = 0; i < count; i++)
            indices[i] = (int)hits[i];
        return indices;
    }

    private static void RequireValid(GeoPoint point, string name)
    {
        if (!point.IsValid)
            throw new ArgumentException($"{point} is not a place on Earth.", name);
    }
}
