namespace FedLab.Learning.Tests.LogisticRegression;

public sealed class LogisticParametersTests
{
    private static LogisticParameters Parse(string name, string value) => LogisticParameters.Parse(new Dictionary<string, string> { [name] = value });

    [Fact]
    public void Settings_round_trip_and_every_one_of_them_matters()
    {
        var parameters = new LogisticParameters
        {
            Ridge = 0.1,
            MaximumIterations = 7,
            Tolerance = 1e-9,
            Winsorise = 0.01,
            ConfidenceLevel = 0.9,
            Solver = LogisticSolver.LimitedMemoryBfgs,
            HistoryLength = 3,
        };
        var settings = parameters.ToSettings();
        Assert.Equal(parameters, LogisticParameters.Parse(settings));
        Assert.Equal(LogisticParameters.SettingNames, settings.Keys);
        var defaults = new LogisticParameters().ToSettings();
        Assert.All(settings, setting =>
        {
            Assert.NotEqual(defaults[setting.Key], setting.Value);
            Assert.NotEqual(new LogisticParameters(), Parse(setting.Key, setting.Value));
        });
        Assert.Equal(new LogisticParameters(), LogisticParameters.Parse(new Dictionary<string, string>()));
    }

    [Theory]
    [InlineData("ridge", "-1", "a number from 0 to 1000000")]
    [InlineData("winsorise", "0.3", "a number from 0 to 0.25")]
    [InlineData("winsorise", "half", "a number from 0 to 0.25")]
    [InlineData("confidence", "95", "a number from 0.5 to 0.9999")]
    [InlineData("iterations", "0", "a whole number from 1 to 1000")]
    [InlineData("solver", "Newton", "auto, newton, lbfgs")]
    public void A_wrong_value_is_answered_with_the_setting_and_its_range(string name, string value, string range)
    {
        var message = Assert.Throws<LearningException>(() => Parse(name, value)).Message;
        Assert.Contains($"'{name}'", message, StringComparison.Ordinal);
        Assert.EndsWith($"{range}.", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("max_iter", "iterations")]
    [InlineData("winsorize", "winsorise")]
    [InlineData("rigde", "ridge")]
    public void An_unknown_setting_is_answered_with_the_nearest_known_one(string name, string nearest) =>
        Assert.StartsWith($"Setting '{name}' is not known; did you mean '{nearest}'?", Assert.Throws<LearningException>(() => Parse(name, "1")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_solver_that_does_not_exist_is_refused() =>
        Assert.Throws<LearningException>(() => new LogisticParameters { Solver = (LogisticSolver)9 }.Validate());
}
