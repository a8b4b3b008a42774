namespace Caravan.Platform;

/// <summary>How cold an item must be kept, and how cold a node or a courier's box can keep it.</summary>
public enum TemperatureClass
{
    /// <summary>15 to 25 °C, no proof asked for.</summary>
    Ambient = 0,

    /// <summary>2 to 8 °C, fresh food.</summary>
    Chilled = 1,

    /// <summary>−18 °C or colder.</summary>
    Frozen = 2,

    /// <summary>2 to 8 °C with proof: medicines.</summary>
    Medicine = 3,
}

/// <summary>Sets of temperature classes as the bit masks the engines use: bit n is class n.</summary>
public static class TemperatureClasses
{
    /// <summary>The mask of a set of classes.</summary>
    public static uint ToMask(this IEnumerable<TemperatureClass> classes) => classes.Aggregate(0u, (mask, one) => mask | (1u << (int)one));

    /// <summary>The classes of a mask, coldest last.</summary>
    public static IReadOnlyList<TemperatureClass> FromMask(uint mask) => [.. Enum.GetValues<TemperatureClass>().Where(one => (mask & (1u << (int)one)) != 0)];
}
