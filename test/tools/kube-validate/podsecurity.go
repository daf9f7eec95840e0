package main

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/pod-security-admission/admission"
	psa "k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// podSecurity evaluates every Pod template at the level of its Namespace object, or at the given one.
func podSecurity(objects []object, level string) []problem {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		panic(err)
	}
	enforced, problems := levels(objects)
	for _, o := range objects {
		metadata, spec, err := admission.DefaultPodSpecExtractor{}.ExtractPodSpec(o.versioned)
		if err != nil || spec == nil {
			continue // not a kind that makes Pods
		}
		accessor, err := meta.Accessor(o.versioned)
		if err != nil {
			panic(err)
		}
		at, stated := enforced[accessor.GetNamespace()]
		if level != "" {
			at, stated = psa.LevelVersion{Level: psa.Level(level), Version: psa.LatestVersion()}, true
		}
		if !stated {
			problems = append(problems, problem{o.name, "metadata.namespace", fmt.Sprintf(
				"no Namespace %q with the label %s in this file", accessor.GetNamespace(), psa.EnforceLevelLabel)})
			continue
		}
		for _, result := range evaluator.EvaluatePod(at, metadata, spec) {
			if !result.Allowed {
				problems = append(problems, problem{o.name, "", fmt.Sprintf(
					"violates PodSecurity %q: %s (%s)", at.String(), result.ForbiddenReason, result.ForbiddenDetail)})
			}
		}
	}
	return problems
}

// levels is what each Namespace object of the file states, by its name.
func levels(objects []object) (map[string]psa.LevelVersion, []problem) {
	enforced := map[string]psa.LevelVersion{}
	problems := []problem{}
	for _, o := range objects {
		namespace, isNamespace := o.versioned.(*corev1.Namespace)
		if !isNamespace {
			continue
		}
		stated, errs := psa.PolicyToEvaluate(namespace.Labels, psa.Policy{})
		for _, err := range errs {
			problems = append(problems, problem{o.name, "metadata.labels", err.Error()})
		}
		if _, isStated := namespace.Labels[psa.EnforceLevelLabel]; isStated {
			if stated.Enforce.Version == (psa.Version{}) {
				stated.Enforce.Version = psa.LatestVersion()
			}
			enforced[namespace.Name] = stated.Enforce
		}
	}
	return enforced, problems
}
