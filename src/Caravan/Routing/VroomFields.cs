using System.Text.Json;
using Caravan.Engines.Routing;

namespace Caravan.Routing;

/// <summary>Reads fields of VROOM's JSON and notes each fault by its JSON pointer. Unknown keys are passed over, as VROOM does.</summary>
internal sealed class VroomFields
{
    private const int FaultsMax = 100;

    public List<RoutingFault> Faults { get; } = [];

    public void Fault(string pointer, string message)
    {
        if (Faults.Count < FaultsMax)
            Faults.Add(new RoutingFault(pointer, message));
    }

    /// <summary>A member that is there and not null.</summary>
    public static JsonElement? Member(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>The elements of an array that may be left out.</summary>
    public JsonElement[] List(JsonElement of, string at, string name)
    {
        if (Member(of, name) is not { } list)
            return [];
        if (list.ValueKind == JsonValueKind.Array)
            return [.. list.EnumerateArray()];
        Fault($"{at}/{name}", "An array is expected.");
        return [];
    }

    /// <summary>The elements of an array of objects.</summary>
    public JsonElement[] Objects(JsonElement of, string at, string name)
    {
        var list = List(of, at, name);
        for (var i = 0; i < list.Length; i++)
        {
            if (list[i].ValueKind != JsonValueKind.Object)
                Fault($"{at}/{name}/{i}", "An object is expected.");
        }

        return list;
    }

    public long? Whole(JsonElement of, string at, string name, long least = 0, long most = RoutingProblem.ArcMax)
    {
        if (Member(of, name) is not { } value)
            return null;
        if (Whole(value) is { } number && number >= least && number <= most)
            return number;
        Fault($"{at}/{name}", $"A whole number from {least} to {most} is expected.");
        return null;
    }

    public int? Small(JsonElement of, string at, string name, int least = 0, int most = RoutingProblem.ArcMax) => (int?)Whole(of, at, name, least, most);

    public long Id(JsonElement of, string at)
    {
        if (Member(of, "id") is null)
            Fault($"{at}/id", "An id is expected.");
        return Whole(of, at, "id", 0, long.MaxValue) ?? -1;
    }

    public int[] Numbers(JsonElement of, string at, string name, int most = RoutingProblem.AmountMax)
    {
        var list = List(of, at, name);
        var numbers = new int[list.Length];
        for (var i = 0; i < list.Length; i++)
        {
            if (Whole(list[i]) is { } number && number >= 0 && number <= most)
                numbers[i] = (int)number;
            else
                Fault($"{at}/{name}/{i}", $"A whole number from 0 to {most} is expected.");
        }

        return numbers;
    }

    public string? Text(JsonElement of, string at, string name)
    {
        if (Member(of, name) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.String)
            return value.GetString();
        Fault($"{at}/{name}", "A string is expected.");
        return null;
    }

    public double? Number(JsonElement of, string at, string name, double above, double most)
    {
        if (Member(of, name) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number > above && number <= most)
            return number;
        Fault($"{at}/{name}", $"A number above {above}, at most {most}, is expected.");
        return null;
    }

    public RoutingWindow[] Windows(JsonElement of, string at, string name)
    {
        var list = List(of, at, name);
        List<RoutingWindow> windows = [];
        for (var i = 0; i < list.Length; i++)
        {
            if (Window(list[i], $"{at}/{name}/{i}") is { } window)
                windows.Add(window);
        }

        return [.. windows];
    }

    public RoutingWindow? Window(JsonElement value, string at)
    {
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 2 && Whole(value[0]) is { } from && Whole(value[1]) is { } to && from <= to)
            return new RoutingWindow(from, to);
        Fault(at, "A window is a pair of whole numbers, [start, end], the start not after the end.");
        return null;
    }

    /// <summary>A whole number, also one written 3.0; nothing else.</summary>
    public static long? Whole(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Number)
            return null;
        if (value.TryGetInt64(out var whole))
            return whole;
        return value.TryGetDouble(out var number) && Math.Abs(number) < 1e15 && number == Math.Floor(number) ? (long)number : null;
    }
}
