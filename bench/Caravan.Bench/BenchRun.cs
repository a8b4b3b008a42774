using System.CommandLine;

namespace Caravan.Bench;

/// <summary>The edge of a verb: what keeps a figure from being measured is said in words, not as a stack trace.</summary>
internal static class BenchRun
{
    /// <summary>A number with bounds, which its description tells.</summary>
    public static Option<int> Number(string name, string description, int otherwise, int most)
    {
        var option = new Option<int>(name) { Description = $"{description} 1 to {most}.", DefaultValueFactory = _ => otherwise };
        option.Validators.Add(result =>
        {
            var value = result.GetValueOrDefault<int>();
            if (value < 1 || value > most)
                result.AddError($"{name} is 1 to {most}.");
        });
        return option;
    }

    public static async Task<int> GuardAsync(Func<Task<int>> verb)
    {
        try
        {
            return await verb();
        }
        catch (Exception fault) when (fault is BenchException or HttpRequestException)
        {
            await Console.Error.WriteLineAsync(fault.Message);
            return 1;
        }
    }
}
