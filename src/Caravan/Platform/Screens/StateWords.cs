using System.Globalization;

namespace Caravan.Platform.Screens;

/// <summary>What the trade's states mean to people: a word, a tone and an icon. An unknown state is shown as it is written.</summary>
internal static class StateWords
{
    public static (Tone Tone, string Icon, string Words) Of(string state) => Key(state) switch
    {
        "draft" or "requested" or "new" or "placed" => (Tone.Neutral, "dot", Said(state)),
        "promised" or "reserved" or "booked" or "authorised" => (Tone.Info, "hand", Said(state)),
        "released" or "acknowledged" or "picking" or "picked" => (Tone.Info, "box", Said(state)),
        "packing" or "packed" or "labelled" => (Tone.Info, "box", Said(state)),
        "shipped" or "dispatched" or "collected" or "intransit" => (Tone.Info, "van", Said(state)),
        "outfordelivery" or "underway" or "riding" => (Tone.Info, "van", Said(state)),
        "delivered" or "handedover" or "received" or "completed" or "done" or "settled" or "accepted" or "applied" or "graded" => (Tone.Good, "check", Said(state)),
        "ok" or "open" or "active" or "online" or "connected" or "verified" or "healthy" or "instock" or "paid" => (Tone.Good, "check", Said(state)),
        "backordered" => (Tone.Warn, "clock", "Back-ordered"),
        "preordered" => (Tone.Info, "clock", "Pre-ordered"),
        "onhold" or "held" or "hold" or "quarantined" => (Tone.Warn, "pause", Said(state)),
        "atrisk" or "delayed" or "lowstock" or "stale" or "degraded" or "expiring" or "partial" or "partly" or "partlyreceived" => (Tone.Warn, "warning", Said(state)),
        "short" or "shortfall" => (Tone.Bad, "warning", Said(state)),
        "late" or "failed" or "declined" or "refused" or "rejected" or "recalled" or "outofstock" or "offline" or "expired" => (Tone.Bad, "cross", Said(state)),
        "cancelled" or "closed" or "inactive" or "paused" => (Tone.Neutral, "cross", Said(state)),
        "returned" or "returning" or "undelivered" => (Tone.Warn, "back", Said(state)),
        "waiting" or "pending" or "queued" or "scheduled" => (Tone.Neutral, "clock", Said(state)),
        _ => (Tone.Neutral, "dot", Said(state)),
    };

    /// <summary><c>OutForDelivery</c>, <c>out_for_delivery</c> and <c>out-for-delivery</c> are all "Out for delivery".</summary>
    public static string Said(string state)
    {
        var words = new System.Text.StringBuilder(state.Length + 4);
        foreach (var letter in state)
        {
            if (letter is '_' or '-' or ' ')
            {
                if (words.Length > 0 && words[^1] != ' ') words.Append(' ');
            }
            else
            {
                if (char.IsUpper(letter) && words.Length > 0 && words[^1] != ' ' && !char.IsUpper(words[^1])) words.Append(' ');
                words.Append(words.Length == 0 ? char.ToUpper(letter, CultureInfo.InvariantCulture) : char.ToLower(letter, CultureInfo.InvariantCulture));
            }
        }

        return words.ToString();
    }

    private static string Key(string state) =>
        string.Concat(state.Where(char.IsLetterOrDigit).Select(char.ToLowerInvariant));
}
