using System.Globalization;
using System.Reflection;
using FedLab.Federation.Runs;
using FedLab.Learning;

namespace FedLab.Federation.Tests;

/// <summary>Errors of the protocol speak the reader's language; what leaves of them is a word.</summary>
public sealed class ProtocolErrorTests
{
    private const string Canary = "CANARY-4711";

    private static readonly MethodInfo[] Errors = [.. typeof(ProtocolErrors).GetMethods(BindingFlags.Public | BindingFlags.Static)];

    [Fact]
    public void Every_error_has_a_sentence_of_its_own_in_both_languages_that_holds_what_it_is_given()
    {
        Assert.True(Errors.Length > 80);
        var before = CultureInfo.CurrentUICulture;
        var sentences = new HashSet<string>();
        try
        {
            foreach (var language in (string[])["en", "zh-CN"])
            {
                CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(language);
                foreach (var error in Errors)
                {
                    var exception = Make(error);
                    Assert.True(sentences.Add(exception.Message), exception.Message);
                    Assert.NotEqual(error.Name, exception.Message);
                    Assert.Equal(language == "zh-CN", exception.Message.Any(letter => letter >= 0x4E00));
                    foreach (var parameter in error.GetParameters().Where(parameter => parameter.ParameterType == typeof(string))) Assert.Contains(Canary + parameter.Name, exception.Message, StringComparison.Ordinal);
                }
            }
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }

    [Fact]
    public void What_the_others_learn_of_an_error_is_a_word_and_does_not_depend_on_what_the_sentence_says()
    {
        foreach (var error in Errors)
        {
            var exception = Make(error);
            var code = RoleFailure.CodeOf(exception);
            Assert.Matches("^[a-z0-9]+(-[a-z0-9]+)*$", code);
            Assert.DoesNotContain(Canary, RoleFailure.Describe(code), StringComparison.Ordinal);
        }
        Assert.Equal(Errors.Length, Errors.Select(error => RoleFailure.CodeOf(Make(error))).Distinct().Count());
        Assert.Equal(RoleFailure.Learning, RoleFailure.CodeOf(new LearningException(Canary)));
        Assert.Equal(RoleFailure.Internal, RoleFailure.CodeOf(new IOException(Canary)));
    }

    private static ProtocolException Make(MethodInfo error) => (ProtocolException)error.Invoke(null, [.. error.GetParameters().Select(parameter => Value(parameter))])!;

    private static object? Value(ParameterInfo parameter) => parameter.ParameterType switch
    {
        var type when type == typeof(string) => Canary + parameter.Name,
        var type when type == typeof(Exception) => null,
        var type => Convert.ChangeType(7, type, CultureInfo.InvariantCulture),
    };
}
