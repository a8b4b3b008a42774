using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;

namespace Caravan.Platform.Problems;

/// <summary>
/// Names what is wrong with the parameters of a request that the framework has turned away: the code that is generated for an
/// endpoint answers 400 without a word when an optional parameter cannot be read.
/// </summary>
internal static class ParameterFaults
{
    private static readonly Type[] TryParse = [typeof(string), typeof(IFormatProvider)];

    /// <summary>The parameters of the request's endpoint that cannot be read as what they are.</summary>
    public static Fault[] Of(HttpContext context) =>
    [
        .. from parameter in context.GetEndpoint()?.Metadata.GetOrderedMetadata<IParameterBindingMetadata>() ?? []
           where parameter.HasTryParse
           let given = GivenTo(context, parameter.Name)
           where !string.IsNullOrEmpty(given) && !IsReadable(given, parameter.ParameterInfo.ParameterType)
           select FaultOf(given, parameter.Name),
    ];

    /// <summary>What is given to a parameter is not what it takes.</summary>
    public static Fault FaultOf(string given, string parameter) => new() { Parameter = parameter, Detail = $"'{given}' is not a valid {parameter}." };

    /// <summary>A form that was not made here, or too long ago, is turned away before anybody reads it.</summary>
    public static Task TurnAwayStrangeForms(HttpContext context, RequestDelegate next) =>
        context.Features.Get<IAntiforgeryValidationFeature>() is { IsValid: false }
            ? throw new BadHttpRequestException("This form is not from a page that is open here, or the page is too old. Load the page again, then send it once more.")
            : next(context);

    private static string? GivenTo(HttpContext context, string name) =>
        context.Request.RouteValues.TryGetValue(name, out var inPath) ? Convert.ToString(inPath, CultureInfo.InvariantCulture)
        : context.Request.Query.TryGetValue(name, out var inQuery) ? inQuery.ToString()
        : context.Features.Get<IFormFeature>()?.Form?[name].ToString();

    private static bool IsReadable(string given, Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum)
            return Enum.TryParse(type, given, ignoreCase: true, out _);

        var parse = type.GetMethod(nameof(TryParse), BindingFlags.Public | BindingFlags.Static, [.. TryParse, type.MakeByRefType()])
            ?? type.GetMethod(nameof(TryParse), BindingFlags.Public | BindingFlags.Static, [TryParse[0], type.MakeByRefType()]);
        return parse?.Invoke(null, parse.GetParameters().Length == 3 ? [given, CultureInfo.InvariantCulture, null] : [given, null]) is not false;
    }
}
