using System.Diagnostics;
using System.Net;
using Caravan.Demo;
using Caravan.Tests.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Demo;

public sealed class StartTests
{
    [Fact]
    public async Task The_demo_is_seeded_once_and_its_keys_still_work_after_a_restart()
    {
        var folder = Directory.CreateTempSubdirectory("caravan-test-").FullName;
        var first = await TestCaravan.StartAsync(settings => settings with { IsDemo = true }, folder: folder);
        await first.Services.GetRequiredService<DemoLoader>().SeedOnceAsync(TestCaravan.Cancel);
        var keys = await first.Services.GetRequiredService<DemoLoader>().KeysAsync(TestCaravan.Cancel);
        await first.StopAsync();

        await using var again = await TestCaravan.StartAsync(settings => settings with { IsDemo = true }, folder: folder);
        await again.Services.GetRequiredService<DemoLoader>().SeedOnceAsync(TestCaravan.Cancel);
        var me = await again.Client(keys["lantern"]).FetchAsync("/v1/me");
        var stores = await again.Client(keys["lantern"]).FetchAsync("/v1/locations?limit=200");

        Assert.Equal(["lantern", "silkroad", "swift"], keys.Keys.Order());
        Assert.Equal("Lantern Stores", me.Body.GetProperty("name").GetString());
        Assert.True(me.Body.GetProperty("isDemo").GetBoolean());
        Assert.Equal(200, stores.Body.GetProperty("items").GetArrayLength());
        if (TestStore.IsPostgres)
            return;

        // Stored hashed: no key stands in the database, not even in part.
        var bytes = await File.ReadAllBytesAsync(Path.Combine(folder, "caravan.db"), TestCaravan.Cancel);
        Assert.All(keys.Values, key => Assert.Equal(-1, bytes.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(key[^40..]))));
    }

    [Fact]
    public async Task The_program_starts_says_where_it_is_and_stops_cleanly_on_interrupt()
    {
        var folder = Directory.CreateTempSubdirectory("caravan-test-").FullName;
        using var program = Start("--data", folder, "--urls", "http://127.0.0.1:0", "--simulate", "off");
        var said = new List<string>();
        while (await program.StandardOutput.ReadLineAsync(TestCaravan.Cancel) is { } line)
        {
            said.Add(line);
            if (line.TrimStart().StartsWith("curl", StringComparison.Ordinal))
                break;
        }

        var address = said.First(line => line.StartsWith("Caravan is serving on", StringComparison.Ordinal)).Split(' ')[^1];
        using var http = new HttpClient();
        var answer = await http.GetAsync(new Uri($"{address}/openapi/v1.json"), TestCaravan.Cancel);
        Process.Start("kill", ["-INT", $"{program.Id}"]).WaitForExit();
        await program.WaitForExitAsync(TestCaravan.Cancel);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains(said, line => line.Contains("crv_", StringComparison.Ordinal));
        Assert.Equal(0, program.ExitCode);
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("--help", "Ctrl-C")]
    [InlineData("orders import --help", "named columns")]
    [InlineData("feed check --help", "CSV")]
    [InlineData("partner add --help", "API key")]
    [InlineData("store --help", "SQLite")]
    [InlineData("store backup --help", "one moment")]
    [InlineData("store restore --help", "--replace")]
    [InlineData("store verify --help", "exit code")]
    [InlineData("store copy --help", "cut off")]
    [InlineData("store distribute --help", "Citus")]
    public async Task Help_teaches_each_verb(string words, string teaches)
    {
        using var program = Start(words.Split(' '));

        var said = await program.StandardOutput.ReadToEndAsync(TestCaravan.Cancel);
        await program.WaitForExitAsync(TestCaravan.Cancel);

        Assert.Contains(teaches, said, StringComparison.Ordinal);
        Assert.Equal(0, program.ExitCode);
    }

    // A shell that starts tests in its background has them ignore the interrupt, and so would the program.
    private static Process Start(params string[] words)
    {
        string[] command = ["dotnet", typeof(CaravanServer).Assembly.Location, .. words];
        return Process.Start(OperatingSystem.IsLinux()
            ? new ProcessStartInfo("env", ["--default-signal=INT", .. command]) { RedirectStandardOutput = true }
            : new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true })!; // Started, or it throws.
    }
}
