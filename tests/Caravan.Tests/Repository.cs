namespace Caravan.Tests;

/// <summary>Where things lie on disk, and what to do when something a test needs is missing on this machine.</summary>
internal static class Repository
{
    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = Find();

    /// <summary>A file of the shared test data; a test that needs it skips where it is missing, and fails in CI.</summary>
    public static string SharedData(params string[] path)
    {
        var file = Path.Combine([Root, "..", "shared", "data", .. path]);
        if (!File.Exists(file))
            SkipOrFail($"The test data {string.Join('/', path)} is not beside the checkout (../shared/data).");
        return file;
    }

    /// <summary>Skips the test with a message; in CI, where everything must be there, fails it.</summary>
    public static void SkipOrFail(string why)
    {
        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail(why);
        Assert.Skip(why);
    }

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Caravan.slnx")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("Caravan.slnx is not above the tests.");
    }
}
