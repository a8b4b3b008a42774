using System.CommandLine;
using System.Text.RegularExpressions;

namespace Caravan.Tests;

/// <summary>The table of settings in docs/guides/deploy.md says what the program says.</summary>
[Trait("Store", "once")]
public sealed partial class DeployGuideTests
{
    [Fact]
    public void Every_setting_stands_in_the_guide_with_its_variable_and_default()
    {
        var guide = File.ReadAllText(Path.Combine(Repository.Root, "docs", "guides", "deploy.md"));
        var rows = Row().Matches(guide).ToDictionary(row => row.Groups[1].Value, row => (Variable: row.Groups[2].Value, Default: row.Groups[3].Value));
        var settings = Verbs.Root().Options.Where(option => Variable().IsMatch(option.Description ?? "")).ToDictionary(
            option => option.Name,
            option => (Variable: Variable().Match(option.Description!).Groups[1].Value, Default: Convert.ToString(option.GetDefaultValue(), System.Globalization.CultureInfo.InvariantCulture) ?? "")); // Described, just above.

        Assert.True(settings.Count >= 10);
        Assert.Equal(settings.OrderBy(setting => setting.Key), rows.OrderBy(row => row.Key));
    }

    [Fact]
    public void What_the_guide_asks_a_watcher_for_is_there()
    {
        var guide = File.ReadAllText(Path.Combine(Repository.Root, "docs", "guides", "deploy.md"));

        Assert.All((string[])["/health/live", "/health/ready", "/metrics", "caravan store backup", "KillSignal=SIGTERM"], word => Assert.Contains(word, guide, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^\| `(--[a-z-]+)` \| `(CARAVAN_[A-Z_]+)` \| (?:`([^`]*)`)? ?\|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\[env: (CARAVAN_[A-Z_]+)\]")]
    private static partial Regex Variable();
}
