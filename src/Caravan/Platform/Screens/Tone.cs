using System.Text.Json.Serialization;

namespace Caravan.Platform.Screens;

/// <summary>How a thing stands. A tone is never shown by colour alone: an icon and a word go with it.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Tone>))]
public enum Tone
{
    /// <summary>Nothing to say yet, or no longer.</summary>
    [JsonStringEnumMemberName("neutral")] Neutral,

    /// <summary>Under way.</summary>
    [JsonStringEnumMemberName("info")] Info,

    /// <summary>Done, or as it should be.</summary>
    [JsonStringEnumMemberName("good")] Good,

    /// <summary>Somebody should look.</summary>
    [JsonStringEnumMemberName("warn")] Warn,

    /// <summary>Failed, refused or late.</summary>
    [JsonStringEnumMemberName("bad")] Bad,
}

internal static class ToneWords
{
    public static string Css(this Tone tone) => tone switch
    {
        Tone.Info => "info",
        Tone.Good => "good",
        Tone.Warn => "warn",
        Tone.Bad => "bad",
        _ => "neutral",
    };

    public static string Icon(this Tone tone) => tone switch
    {
        Tone.Info => "progress",
        Tone.Good => "check",
        Tone.Warn => "warning",
        Tone.Bad => "cross",
        _ => "dot",
    };
}
