using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace Caravan.Tests;

/// <summary>A request as the generator made it: replayed byte for byte from its seed.</summary>
internal sealed record FuzzRequest(HttpMethod Method, string Url, string? ContentType, byte[]? Body, IReadOnlyList<(string Name, string Value)> Headers)
{
    private const int ShownMax = 1_500;

    public override string ToString()
    {
        var body = Body is null ? "" : Encoding.UTF8.GetString(Body);
        return $"{Method} {Cut(Url)} [{ContentType}] {string.Join("; ", Headers.Select(header => Cut($"{header.Name}: {header.Value}")))} {Cut(body)}";
    }

    private static string Cut(string text) => text.Length <= ShownMax ? text : $"{text[..ShownMax]}… ({text.Length} characters)";
}

/// <summary>
/// Makes requests out of the API's own description: mostly of the right shape, with things in them that programs send by
/// mistake or malice. What the description says of an endpoint is all that is known of it.
/// </summary>
internal sealed class FuzzRequests(JsonNode document, IReadOnlyDictionary<string, string> ids)
{
    private const int DeepestMade = 6;
    private const int AddressMax = 400;

    private static readonly string Long = new('x', 300);
    private static readonly string Longer = new('y', 20_000);
    private static readonly string Deep = string.Concat(Enumerable.Repeat("[", 200)) + string.Concat(Enumerable.Repeat("]", 200));

    // JSON as text, for much of it no serializer would write.
    private static readonly string[] BadValues =
    [
        "null", "\"\"", "\" \"", "true", "0", "-1", "1.5", "1e400", "-1e400", "1E-400", "2147483648", "-2147483649", "9223372036854775808", "99999999999999999999999999", "00", "01", "+1", ".5", "0x10", "NaN", "Infinity", "\"NaN\"", "\"-Infinity\"",
        "[]", "{}", "[null]", "[[]]", "[{},{}]", "{\"a\":{\"a\":{}}}", "\"\\u0000\"", "\"\\ud800\"", "\"\\udfff\\ud800\"", "\"\\u202e\\u0301\\ufeff\"", "\"é\\n\\t\"", "\"👩‍👩‍👧\"", "\"\\x\"", "'a'", "undefined", "", "//", "\"'; DROP TABLE orders; --\"", "\"<script>\"", "\"../../etc/passwd\"", "\"%00%0a\"",
        $"\"{Long}\"", $"\"{Longer}\"", Deep,
    ];

    private static readonly string[] Texts = ["tea", "apples", "milk", "near", "mid", "bj", "x", "12 Lane of Lanterns", "02900000000018", "CNY", "Asia/Shanghai", "Ümläut ß", "茶", "\u202eabc", "a\u0301", " lead", "'=1+1", "-1", "0", "null", "🚚"];
    private static readonly string[] Instants = ["2026-11-03T02:00:00Z", "2026-11-04T02:00:00+08:00", "2099-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-03", "2026-11-03T25:00:00Z", "2026-11-03T02:00:00", "2026-11-03T02:00:00+99:00", "1793671200", "tomorrow", ""];
    private static readonly string[] Dates = ["2026-11-03", "2099-01-31", "0001-01-01", "9999-12-31", "2026-02-30", "2026-11-31", "26-1-1", "2026-11-03T00:00:00Z", ""];
    private static readonly string[] Times = ["10:00:00", "16:00", "00:00:00", "23:59:59.9999999", "24:00:00", "25:61:00", "-01:00:00", "10", ""];
    private static readonly string[] Whole = ["0", "1", "2", "5", "60", "100", "-1", "1000", "2147483647", "-2147483648", "9223372036854775807"];
    private static readonly string[] Numbers = ["0", "1", "39.9", "116.4", "-90.0000001", "180", "1e308", "4.9e-324", "-0.0"];
    private static readonly string[] Queries = ["", "x", "-1", "0", "1", "50", "201", "99999999999999999999", "1e9", "NaN", "true", "a b", "é", "%", "\u0001", "2026-02-30", "2026-11-03T02:00:00Z", "9999-12-31T23:59:59-14:00", "a,b", "[]", Long, "' OR 1=1", "ord_zzzzzzzzzzzzzzzzzzzzzzzzzz", "\ud83d\ude9a"];
    private static readonly string[] Keys = ["", " ", "ok", "a b", Long, "é", "\"quoted\"", "a,b", "\t"];
    private static readonly string[] Types = ["text/plain", "application/xml", "application/json; charset=utf-16", "application/json; charset=nonsense", "multipart/form-data", "application/x-www-form-urlencoded", "nonsense", "application/problem+json", "image/png", ""];
    private static readonly string[] Bodies = ["", " ", "{", "[", "null", "\"", "location,item,quantity\nnear,tea,1\n", "location,item,quantity\nnear,tea,1e9\nnear", "location;item;quantity\r\n\"near;tea;1", "ISA*00*", "UNB+UNOC:3+A+B'", "\u0000\u0000", "<xml/>", "\ufeff{}", "{}{}", "{\"a\":1,}", "{\"a\":1,\"a\":2}"];

    /// <summary>Requests to an operation.</summary>
    public Gen<FuzzRequest> To(string path, string method, JsonNode operation)
    {
        var parameters = operation["parameters"]?.AsArray().Select(parameter => parameter!).ToList() ?? [];
        var content = operation["requestBody"]?["content"]?.AsObject();
        return
            from url in Url(path, [.. parameters.Where(parameter => parameter["in"]!.GetValue<string>() == "path")])
            from query in Query([.. parameters.Where(parameter => parameter["in"]!.GetValue<string>() == "query")])
            from headers in Headers()
            from body in Body(content, method == "get")
            select new FuzzRequest(new HttpMethod(method.ToUpperInvariant()), url + query, body.Type, body.Bytes, headers);
    }

    private Gen<string> Url(string path, IReadOnlyList<JsonNode> parameters) => parameters.Aggregate(
        Gen.Constant(path),
        (made, parameter) =>
            from url in made
            from value in Gen.Frequency((8, Known(parameter["schema"]!)), (1, Gen.Elements(Queries)))
            select url.Replace($"{{{parameter["name"]!.GetValue<string>()}}}", Uri.EscapeDataString(Runes(value) is { Length: > 0 } said ? said : "-"), StringComparison.Ordinal));

    private Gen<string> Query(IReadOnlyList<JsonNode> parameters) =>
        from named in Gen.CollectToArray(parameters.Select(parameter => Said(parameter["name"]!.GetValue<string>(), parameter["required"]?.GetValue<bool>() == true, parameter["schema"])))
        from more in Gen.Frequency((9, Gen.Constant(Array.Empty<string>())), (1, Gen.Elements(Queries).Select(value => new[] { $"thereIsNone={Uri.EscapeDataString(Runes(value))}" })))
        let all = named.SelectMany(one => one).Concat(more).ToList()
        select all.Count == 0 ? "" : "?" + string.Join('&', all);

    // Left out, said once, or said twice.
    private Gen<string[]> Said(string name, bool isRequired, JsonNode? schema) =>
        from times in Gen.Frequency((isRequired ? 1 : 6, Gen.Constant(0)), (isRequired ? 8 : 5, Gen.Constant(1)), (1, Gen.Constant(2)))
        from values in Gen.Frequency((2, Known(schema)), (1, Gen.Elements(Queries))).ArrayOf(times)
        select values.Select(value => $"{name}={Uri.EscapeDataString(Runes(value))}").ToArray();

    // A value as it is written in an address: JSON's text without its quotes.
    private Gen<string> Known(JsonNode? schema) => Right(schema, 0).Select(text =>
    {
        try
        {
            return text.StartsWith('"') ? JsonSerializer.Deserialize<string>(text)! : text; // A text of JSON is a string.
        }
        catch (JsonException)
        {
            return text;
        }
    });

    private static Gen<IReadOnlyList<(string, string)>> Headers() =>
        from key in Gen.Frequency((6, Gen.Constant<string[]>([])), (6, Gen.Choose(0, int.MaxValue).Select(number => new[] { $"fuzz-{number}" })), (2, Gen.Elements(Keys).Select(one => new[] { one })), (1, Gen.Elements(Keys).Two().Select(two => new[] { two.Item1, two.Item2 })))
        from other in Gen.Frequency(
            (10, Gen.Constant<(string, string)[]>([])),
            (1, Gen.Elements<(string, string)>(("Accept", "text/html"), ("Accept", "nonsense"), ("Last-Event-ID", "x"), ("Last-Event-ID", "99999999999999999999"), ("If-None-Match", "\"x"), ("Range", "bytes=5-1"), ("X-Forwarded-Host", "\u0001"), ("Accept-Language", Long), ("Content-Encoding", "gzip"), ("Expect", "nonsense"), ("traceparent", "00-x")).Select(header => new[] { header })))
        select (IReadOnlyList<(string, string)>)[.. key.Select(one => ("Idempotency-Key", one)), .. other];

    private Gen<(string? Type, byte[]? Bytes)> Body(JsonObject? content, bool isGet)
    {
        if (content is null)
            return isGet ? Gen.Constant<(string?, byte[]?)>((null, null)) : Gen.Frequency((8, Gen.Constant<(string?, byte[]?)>((null, null))), (2, Gen.Elements(Bodies).Select(text => ((string?)"application/json", (byte[]?)Bytes(text)))));

        var (right, schema) = content.Select(one => (one.Key, one.Value?["schema"])).First();
        var text = schema is not null && right.EndsWith("json", StringComparison.Ordinal) ? Gen.Frequency((18, Value(schema, 0)), (1, Gen.Elements(Bodies)), (1, Gen.Elements(BadValues))) : Gen.Elements(Bodies);
        return
            from type in Gen.Frequency((18, Gen.Constant(right)), (1, Gen.Elements(Types)))
            from body in text
            from bytes in Gen.Frequency((30, Gen.Constant(Bytes(body))), (1, Gen.Choose(0, 200).Select(cut => Bytes(body)[..Math.Min(cut, Bytes(body).Length)])), (1, Gen.Constant<byte[]>([0xFF, 0xFE, .. Encoding.Unicode.GetBytes(body)])), (1, Gen.Constant<byte[]>([.. Bytes(body), 0xC3, 0x28])))
            select ((string?)type, (byte[]?)bytes);
    }

    // Of the right shape, or one of the things that must not be there.
    private Gen<string> Value(JsonNode? schema, int depth) => Gen.Frequency((depth == 0 ? 60 : 14, Right(schema, depth)), (1, Gen.Elements(BadValues)));

    private Gen<string> Right(JsonNode? schema, int depth)
    {
        if (schema is null || depth > DeepestMade)
            return Gen.Elements(BadValues);
        if (schema["$ref"]?.GetValue<string>() is { } reference)
            return Right(document["components"]!["schemas"]![reference.Split('/')[^1]]!, depth);
        if ((schema["oneOf"] ?? schema["anyOf"])?.AsArray() is { } choices)
            return Gen.OneOf(choices.Select(choice => Right(choice, depth)));
        if (schema["enum"]?.AsArray() is { } words)
            return Gen.Frequency((8, Gen.Elements(words.Select(word => word?.ToJsonString() ?? "null"))), (1, Gen.Elements(words.Select(word => (word?.ToJsonString() ?? "null").ToUpperInvariant()))), (1, Gen.Elements("\"noneOfThem\"", "0", "\" \"", "[\"a\"]")));

        var types = schema["type"] switch { JsonArray several => several.Select(one => one!.GetValue<string>()).ToHashSet(), { } one => [one.GetValue<string>()], _ => [] };
        var made = schema["properties"] is not null || types.Contains("object") ? Object(schema, depth)
            : types.Contains("array") ? List(schema["items"], depth)
            : types.Contains("integer") ? Gen.Elements([.. Whole, .. Bounds(schema)])
            : types.Contains("number") ? Gen.Elements([.. Whole, .. Numbers, .. Bounds(schema)])
            : types.Contains("boolean") ? Gen.Elements("true", "false")
            : types.Contains("string") ? Text(schema)
            : Gen.Elements(BadValues);
        return types.Contains("null") ? Gen.Frequency((6, made), (1, Gen.Constant("null"))) : made;
    }

    private Gen<string> Object(JsonNode schema, int depth)
    {
        var required = schema["required"]?.AsArray().Select(name => name!.GetValue<string>()).ToHashSet() ?? [];
        var fields = (schema["properties"]?.AsObject() ?? []).Select(property =>
            from times in Gen.Frequency((required.Contains(property.Key) ? 1 : 12, Gen.Constant(0)), (30, Gen.Constant(1)), (depth == 0 ? 0 : 1, Gen.Constant(2)))
            from values in Value(property.Value, depth + 1).ArrayOf(times)
            select values.Select(value => $"{JsonSerializer.Serialize(property.Key)}:{value}").ToArray());
        var free = schema["additionalProperties"] is JsonObject entries
            ? from names in Gen.Elements(Texts).ArrayOf(2) from values in Value(entries, depth + 1).ArrayOf(2) select names.Zip(values, (name, value) => $"{JsonSerializer.Serialize(name)}:{value}").ToArray()
            : Gen.Frequency((40, Gen.Constant<string[]>([])), (1, Gen.Elements(BadValues).Select(value => new[] { $"\"thereIsNone\":{value}" })));
        return from named in Gen.CollectToArray(fields) from more in free select $"{{{string.Join(',', named.SelectMany(one => one).Concat(more))}}}";
    }

    private Gen<string> List(JsonNode? items, int depth) => Gen.Frequency(
        (20, from count in Gen.Choose(0, 3) from values in Value(items, depth + 1).ArrayOf(count) select $"[{string.Join(',', values)}]"),
        (1, Value(items, depth + 1).Select(value => $"[{string.Join(',', Enumerable.Repeat(value, value.Length > 500 ? 3 : 1_200))}]")));

    private Gen<string> Text(JsonNode schema)
    {
        var pattern = schema["pattern"]?.GetValue<string>() ?? "";
        if (pattern.Contains("25}", StringComparison.Ordinal))
        {
            var prefix = pattern[1..4];
            var mine = ids.TryGetValue(prefix, out var known) ? known : $"{prefix}_01h455vb4pex5vsknk084sn02q";
            return Gen.Frequency((8, Gen.Constant(mine)), (1, Gen.Constant($"{prefix}_01h455vb4pex5vsknk084sn02q")), (1, Gen.Elements("ord_01h455vb4pex5vsknk084sn02q", $"{prefix}_", $"{prefix}_8zzzzzzzzzzzzzzzzzzzzzzzzz", $"{mine} ", mine.ToUpperInvariant(), Long))).Select(id => JsonSerializer.Serialize(id));
        }

        return schema["format"]?.GetValue<string>() switch
        {
            "date-time" => Quoted(Instants),
            "date" => Quoted(Dates),
            "time" => Quoted(Times),
            _ => Gen.Frequency((20, Quoted(Texts)), (1, Quoted([Long, Longer, "", " ", "\n", "\u0007"]))),
        };
    }

    private static Gen<string> Quoted(string[] texts) => Gen.Elements(texts.Select(text => JsonSerializer.Serialize(text)));

    private static IEnumerable<string> Bounds(JsonNode schema)
    {
        foreach (var name in (string[])["minimum", "maximum"])
        {
            if (schema[name] is { } bound && decimal.TryParse(bound.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
                yield return number.ToString(CultureInfo.InvariantCulture);
        }
    }

    // Half of a surrogate pair cannot be written into an address; lines of 8 KiB, and a NUL in a path, come no farther than the HTTP server.
    private static string Runes(string text) => string.Concat((text.Length > AddressMax ? text[..AddressMax] : text).Replace("\0", "", StringComparison.Ordinal).EnumerateRunes());

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
