import { z } from 'zod';

const count = z.int().min(0);

export const statsAnswer = z
  .object({
    interventions: z.object({
      total: count,
      ouvertes: count,
      en_cours: count,
      terminees_semaine: count.meta({ description: 'Depuis lundi' }),
      critiques: count.meta({ description: 'Ni terminées ni annulées' }),
    }),
    equipements: z.object({
      total: count,
      operationnels: count,
      en_panne: count,
      maintenance_due: count,
    }),
    techniciens: z.object({
      total: count,
      disponibles: count,
      en_intervention: count,
      charge_moyenne: z.number().nullable().meta({
        description: 'Part du temps de travail des cinq prochains jours ouvrés qui est réservée, en %',
      }),
    }),
    kpi: z
      .object({
        temps_moyen_resolution: z.string().nullable().meta({ example: '4.2 heures' }),
        temps_moyen_resolution_heures: z.number().nullable(),
        taux_respect_delais: z
          .number()
          .nullable()
          .meta({ description: 'Terminées avant leur date limite, en %' }),
        satisfaction_client: z.number().nullable().meta({ description: 'De 1 à 5' }),
      })
      .meta({ description: 'Sur les 90 derniers jours ; null tant que rien n’est terminé ou noté' }),
  })
  .meta({ id: 'DashboardStats' });
