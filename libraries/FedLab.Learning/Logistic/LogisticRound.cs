namespace FedLab.Learning;

/// <summary>Where training stands after one round of gradient and curvature, the same at every holder.</summary>
/// <param name="Name">The round's name, as <see cref="ISummation.SumAsync"/> got it.</param>
/// <param name="Iteration">Number of such rounds before this one.</param>
/// <param name="Deviance">−2 ln of the likelihood at the point that the round was about.</param>
/// <param name="Decrement">
/// The squared Newton decrement there (by L-BFGS: its estimate), in which 1 is a standard error; null where the step had gone too far and is halved.
/// </param>
public sealed record LogisticRound(string Name, int Iteration, double Deviance, double? Decrement);
