namespace Caravan.Bench;

/// <summary>The edge of a verb: what keeps a figure from being measured is said in words, not as a stack trace.</summary>
internal static class BenchRun
{
    public static async Task<int> GuardAsync(Func<Task<int>> verb)
    {
        try
        {
            return await verb();
        }
        catch (BenchException fault)
        {
            await Console.Error.WriteLineAsync(fault.Message);
            return 1;
        }
    }
}
